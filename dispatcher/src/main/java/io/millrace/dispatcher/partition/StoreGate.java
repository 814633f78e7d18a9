package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A storage that can be shut for those who must not wait. Within {@link #shut} nothing of any store is read, and nothing waits
 * for the stream thread. A read that needs to fails at once, and is done again where waiting is allowed. Any thread; shutting it concerns the
 * calling thread alone.
 */
public final class StoreGate implements Storage {

    private static final ThreadLocal<Boolean> SHUT = new ThreadLocal<>();

    private final Storage storage;

    StoreGate(Storage storage) {
        this.storage = storage;
    }

    /** What was read is in a store, and not in memory, or is changing all the time. */
    public static final class ShutException extends RuntimeException {

        private static final long serialVersionUID = 1L;
        private static final ShutException ONE = new ShutException();

        private ShutException() {
            super(
                    "expected to read from memory alone and at once, but the store or the stream thread is needed",
                    null,
                    false,
                    false);
        }
    }

    /**
     * Does what may read from memory alone, and at once.
     *
     * @throws ShutException if it needs a store, or has to wait
     */
    public static <T> T shut(Supplier<T> read) {
        SHUT.set(true);
        try {
            return read.get();
        } finally {
            SHUT.remove();
        }
    }

    /** Called before what waits. */
    static void pass() {
        if (SHUT.get() != null) {
            throw ShutException.ONE;
        }
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
        pass();
        return storage.get(table, key);
    }

    @Override
    public void put(Table table, byte[] key, byte @Nullable [] value) {
        storage.put(table, key, value);
    }

    @Override
    public void scan(Table table, byte[] prefix, Visitor visitor) {
        pass();
        storage.scan(table, prefix, visitor);
    }

    @Override
    public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
        pass();
        storage.scanFrom(table, firstKey, visitor);
    }
}

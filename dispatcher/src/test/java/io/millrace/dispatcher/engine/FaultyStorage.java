package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.function.Supplier;

/** Storage of which one call fails, counted from 1 over all storages that stand behind it, and all others do what they should. */
public final class FaultyStorage implements Storage {

    private final long failing;
    private final Supplier<RuntimeException> failure;
    private Storage sound;
    private long calls;

    /** @param failing number of the call that fails */
    public FaultyStorage(long failing, Supplier<RuntimeException> failure) {
        this.failing = failing;
        this.failure = failure;
    }

    /** From now on this one stands behind it. */
    public FaultyStorage over(Storage storage) {
        sound = storage;
        return this;
    }

    /** @return number of calls so far */
    public long calls() {
        return calls;
    }

    private void count() {
        if (++calls == failing) {
            throw failure.get();
        }
    }

    @Override
    public byte[] get(Table table, byte[] key) {
        count();
        return sound.get(table, key);
    }

    @Override
    public void put(Table table, byte[] key, byte[] value) {
        count();
        sound.put(table, key, value);
    }

    @Override
    public void scan(Table table, byte[] prefix, Visitor visitor) {
        count();
        sound.scan(table, prefix, (key, value) -> {
            count();
            return visitor.visit(key, value);
        });
    }

    @Override
    public void scanFrom(Table table, byte[] firstKey, Visitor visitor) {
        count();
        sound.scanFrom(table, firstKey, (key, value) -> {
            count();
            return visitor.visit(key, value);
        });
    }
}

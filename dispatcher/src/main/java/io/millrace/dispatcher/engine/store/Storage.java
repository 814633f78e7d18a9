package io.millrace.dispatcher.engine.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the state of a partition rests: ordered tables of bytes. The engine reads from it what it does not hold in memory
 * and writes to it only when it flushes what has changed. Reads must be safe from any thread, writes come from one.
 */
public interface Storage {

    /** @return the value, or null */
    byte @Nullable [] get(Table table, byte[] key);

    /** Sets the value; null deletes. */
    void put(Table table, byte[] key, byte @Nullable [] value);

    /** Visits entries whose keys start with the prefix, in the order of unsigned key bytes, until the visitor has enough. */
    default void scan(Table table, byte[] prefix, Visitor visitor) {
        scanFrom(
                table,
                prefix,
                (key, value) -> key.length >= prefix.length
                        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length)
                        && visitor.visit(key, value));
    }

    /** Visits entries whose keys are not before the one given, in the same order, until the visitor has enough. */
    void scanFrom(Table table, byte[] firstKey, Visitor visitor);

    /** Sees entries one after another. */
    @FunctionalInterface
    interface Visitor {

        /** @return whether it wants to see more */
        boolean visit(byte[] key, byte[] value);
    }
}

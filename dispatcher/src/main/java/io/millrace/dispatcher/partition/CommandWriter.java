package io.millrace.dispatcher.partition;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes the dispatcher's own commands to the log: what is due, and what one partition sends to another. Any thread. */
public interface CommandWriter {

    /** @return number of partitions of the log */
    int partitions();

    /**
     * Writes one; what is written to one partition keeps its order.
     *
     * @param key id of the command, 16 bytes
     * @param value the command, without a MAC, which it gets here: one that waited long gets it with the key of today
     * @param done hears null once all in-sync replicas have it, or why not; on any thread, also before this returns
     */
    void write(int partition, byte[] key, byte[] value, Consumer<@Nullable Exception> done);
}

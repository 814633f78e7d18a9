package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.CommandWriter;
import io.millrace.proto.kafka.TopicWriter;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Writes the dispatcher's own commands by a plain producer, because a
 * transactional write would hide everything behind it from the commands topic's readers until the next commit. Any thread.
 */
final class KafkaCommandWriter implements CommandWriter, AutoCloseable {

    /** What is given up after that is written again by whoever wanted it: the outbox, the clock of what is due. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final TopicWriter writer;
    private final int partitions;

    /** Waits until Kafka tells how many partitions there are, so that no command need wait for it. */
    KafkaCommandWriter(TopicWriter writer) {
        this(writer, writer.partitions());
    }

    KafkaCommandWriter(TopicWriter writer, int partitions) {
        this.writer = writer;
        this.partitions = partitions;
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public void write(int partition, byte[] key, byte[] value, Consumer<Exception> done) {
        writer.write(partition, key, value, PATIENCE, (where, failure) -> done.accept(failure));
    }

    @Override
    public void close() {
        writer.close();
    }
}

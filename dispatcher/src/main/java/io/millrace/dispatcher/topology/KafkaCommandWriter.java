package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.CommandWriter;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.mac.CommandMacs;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Writes the dispatcher's own commands by a plain producer. A transactional write would hide everything behind it from
 * the readers of the commands topic until the next commit. Any thread.
 */
final class KafkaCommandWriter implements CommandWriter, AutoCloseable {

    /** What is given up after that is written again by whoever wanted it: the outbox, the clock of what is due. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final TopicWriter writer;
    private final int partitions;
    private final CommandMacs macs;

    /** Waits until Kafka tells how many partitions there are, so that no command need wait for it. */
    KafkaCommandWriter(TopicWriter writer, CommandMacs macs) {
        this(writer, writer.partitions(), macs);
    }

    KafkaCommandWriter(TopicWriter writer, int partitions, CommandMacs macs) {
        this.writer = writer;
        this.partitions = partitions;
        this.macs = macs;
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public void write(int partition, byte[] key, byte[] value, Consumer<Exception> done) {
        writer.write(partition, key, macs.seal(partition, value), PATIENCE, (where, failure) -> done.accept(failure));
    }

    @Override
    public void close() {
        writer.close();
    }
}

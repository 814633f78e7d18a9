package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.CommandWriter;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.log.CommandTopic;
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

    private final CommandTopic topic;
    private final int partitions;

    /** Waits until Kafka tells how many partitions there are, so that no command need wait for it. */
    KafkaCommandWriter(TopicWriter writer, CommandMacs macs) {
        this(writer, writer.partitions(), macs);
    }

    KafkaCommandWriter(TopicWriter writer, int partitions, CommandMacs macs) {
        this.topic = new CommandTopic(writer, macs);
        this.partitions = partitions;
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public void write(int partition, byte[] key, byte[] value, Consumer<Exception> done) {
        topic.write(partition, key, value, PATIENCE, (where, failure) -> done.accept(failure));
    }

    @Override
    public void close() {
        topic.close();
    }
}

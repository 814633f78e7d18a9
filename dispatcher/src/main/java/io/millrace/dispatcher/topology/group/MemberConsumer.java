package io.millrace.dispatcher.topology.group;

import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The main consumer of a stream thread, which says after each poll what it is in the group, and when it is closed. It is of no use any
 * more once the time of day was set back.
 */
final class MemberConsumer extends KafkaConsumer<byte[], byte[]> {

    private final Consumer<ConsumerGroupMetadata> polled;
    private final Consumer<MemberConsumer> closed;
    private final SetBack setBack;

    MemberConsumer(
            Map<String, Object> settings,
            GroupClock clock,
            Consumer<ConsumerGroupMetadata> polled,
            Consumer<MemberConsumer> closed) {
        super(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.polled = polled;
        this.closed = closed;
        setBack = new SetBack(clock);
    }

    /** @throws ClockSetBackException the time of day was set back, and another consumer is needed */
    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        ConsumerRecords<byte[], byte[]> records = pollOrWake(timeout);
        long byMs = setBack.byMs();
        if (byMs > 0) {
            throw new ClockSetBackException(byMs);
        }
        polled.accept(groupMetadata());
        return records;
    }

    /** Kafka Streams calls this one. */
    @Override
    public void close(CloseOptions options) {
        try {
            super.close(options);
        } finally {
            closed.accept(this);
        }
    }

    private ConsumerRecords<byte[], byte[]> pollOrWake(Duration timeout) {
        try {
            return super.poll(timeout);
        } catch (WakeupException e) {
            return ConsumerRecords.empty(); // by look(), which alone wakes it
        }
    }

    /** Ends a poll that would last until the time of day has caught up. To be called now and then, on any thread. */
    void look() {
        if (setBack.byMs() > 0) {
            wakeup();
        }
    }
}

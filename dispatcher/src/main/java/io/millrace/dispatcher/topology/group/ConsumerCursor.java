package io.millrace.dispatcher.topology.group;

import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.dispatcher.partition.OutcomePlace;
import io.millrace.proto.kafka.PartitionOffsets;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Moves the consumer of a stream thread within the log of a partition. Kafka Streams itself has no way to go on elsewhere in a
 * topic, but a consumer may be moved by the thread that polls it.
 */
record ConsumerCursor(
        Consumer<byte[], byte[]> consumer,
        LookBack lookBack,
        RecordedOutcomes outcomes,
        UnseenOutcomes unseenOutcomes,
        TopicPartition log)
        implements LogCursor {

    @Override
    public void seek(long offset) {
        consumer.seek(log, offset);
    }

    @Override
    public void hold(long offset) {
        consumer.seek(log, offset);
        consumer.pause(List.of(log));
    }

    @Override
    public Optional<Entry> at(long offset) {
        return lookBack.record(log, offset);
    }

    @Override
    public long start() {
        return PartitionOffsets.begin(consumer, log);
    }

    @Override
    public long end() {
        return PartitionOffsets.end(consumer, log);
    }

    @Override
    public void lookBehind(OutcomePlace state, boolean sealed) {
        outcomes.onlySealed(sealed);
        unseenOutcomes.look(state, sealed);
    }

    @Override
    public Optional<Unseen> unseen() {
        return unseenOutcomes.get();
    }

    @Override
    public Optional<Recorded> next(OutcomePlace place) {
        return outcomes.next(place);
    }

    @Override
    public boolean standsBehind(OutcomePlace outcome) {
        return outcomes.standsBehind(outcome);
    }

    @Override
    public void close() {
        unseenOutcomes.close();
        outcomes.close();
    }
}

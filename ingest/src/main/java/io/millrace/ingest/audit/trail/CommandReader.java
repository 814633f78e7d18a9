package io.millrace.ingest.audit.trail;

import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.CommittedReader;
import io.millrace.proto.kafka.PartitionOffsets;
import io.millrace.proto.proof.OutcomeHashes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the commands that outcomes name, each partition in its order, without a group. What was read on the way is kept
 * for the next call. So a log that is read from one end to the other is fetched once. One thread.
 */
public final class CommandReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<Integer, ArrayDeque<Placed>> read = new HashMap<>();
    private final OutcomeHashes hashes = new OutcomeHashes();

    /** Offsets that are wanted of a partition, both included. */
    public record Range(long from, long to) {}

    private record Placed(long offset, Asked asked) {}

    /** Connects when it first reads. */
    public CommandReader(ClientSettings kafka) {
        consumer = CommittedReader.openForTurns(kafka, Map.of());
    }

    /**
     * Reads until it has all that is there.
     *
     * @param wanted by partition; none of the ranges is empty
     * @return by partition and offset; what is missing is not on the log
     * @throws KafkaException if Kafka does not answer in time
     */
    public Map<Integer, Map<Long, Asked>> read(Map<Integer, Range> wanted) {
        Map<Integer, Map<Long, Asked>> found = new HashMap<>();
        wanted.keySet().forEach(partition -> found.put(partition, new HashMap<>()));
        assign(wanted.keySet());
        Set<TopicPartition> missing = new HashSet<>();
        wanted.forEach((partition, range) -> {
            aim(partition, range);
            if (!take(partition, range, of(partition, found))) {
                missing.add(place(partition));
            }
        });
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!missing.isEmpty()) {
            if (System.nanoTime() > end) {
                throw new KafkaException("expected " + Topics.COMMANDS
                        + " to give the commands of outcomes, but it did not in" + " time");
            }
            boolean nothing = !poll(missing, wanted);
            missing.removeIf(
                    place -> take(place.partition(), of(place.partition(), wanted), of(place.partition(), found))
                            || (nothing && isOver(place)));
        }
        return found;
    }

    private void assign(Set<Integer> partitions) {
        Set<TopicPartition> places =
                partitions.stream().map(CommandReader::place).collect(Collectors.toSet());
        if (!consumer.assignment().containsAll(places)) {
            places.addAll(consumer.assignment());
            Map<TopicPartition, Long> stood = new HashMap<>();
            consumer.assignment().forEach(place -> stood.put(place, consumer.position(place)));
            consumer.assign(places);
            places.forEach(place -> consumer.seek(place, stood.getOrDefault(place, 0L)));
        }
    }

    /** Puts the consumer where the range begins, unless what follows was read already. */
    private void aim(int partition, Range range) {
        ArrayDeque<Placed> waiting = read.computeIfAbsent(partition, key -> new ArrayDeque<>());
        while (!waiting.isEmpty() && waiting.getFirst().offset() < range.from()) {
            waiting.removeFirst();
        }
        if (waiting.isEmpty()
                ? consumer.position(place(partition)) != range.from()
                : waiting.getFirst().offset() > range.from()) {
            waiting.clear();
            consumer.seek(place(partition), range.from());
        }
    }

    /** @return whether the end of the range is reached */
    private boolean take(int partition, Range range, Map<Long, Asked> found) {
        ArrayDeque<Placed> waiting = of(partition, read);
        while (!waiting.isEmpty() && waiting.getFirst().offset() <= range.to()) {
            Placed next = waiting.removeFirst();
            found.put(next.offset(), next.asked());
        }
        return !waiting.isEmpty() || consumer.position(place(partition)) > range.to();
    }

    /** @return whether anything came, or may come from elsewhere */
    private boolean poll(Set<TopicPartition> missing, Map<Integer, Range> wanted) {
        consumer.pause(consumer.assignment());
        consumer.resume(missing);
        try {
            ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : polled) {
                of(record.partition(), read).add(new Placed(record.offset(), Asked.read(record.value(), hashes)));
            }
            return !polled.isEmpty();
        } catch (OffsetOutOfRangeException e) {
            Map<TopicPartition, Long> beginnings =
                    consumer.beginningOffsets(e.offsetOutOfRangePartitions().keySet());
            e.offsetOutOfRangePartitions().forEach((place, offset) -> {
                Range range = of(place.partition(), wanted);
                long first = PartitionOffsets.of(place, beginnings);
                // Behind the end of the log there is nothing, nor before its beginning.
                consumer.seek(place, offset < first && first <= range.to() ? first : range.to() + 1);
            });
            return true;
        }
    }

    /** @return whether the log ends before the range does */
    private boolean isOver(TopicPartition place) {
        return consumer.position(place) >= PartitionOffsets.end(consumer, place);
    }

    private static <T> T of(int partition, Map<Integer, T> all) {
        return Objects.requireNonNull(all.get(partition), "partition that is read");
    }

    private static TopicPartition place(int partition) {
        return new TopicPartition(Topics.COMMANDS, partition);
    }

    @Override
    public void close() {
        consumer.close();
    }
}

package io.millrace.dispatcher.replay.log;

import io.millrace.proto.Moment;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.kafka.CommittedReader;
import io.millrace.proto.kafka.PartitionOffsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The log of an installation as it stands on Kafka: how many partitions it has, where they begin and end, and which command was
 * the next at a moment. One thread; what is read of a partition is read by {@link #read} with a consumer of its own.
 */
public final class RecordedLog implements AutoCloseable {

    /** Whoever looks at a log by hand does not wait as long as a server would. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** So far the clocks of nodes and brokers may be apart. */
    private static final Duration CLOCKS = Duration.ofMinutes(10);

    /** Versions of ids whose first 48 bits are a time. */
    private static final int OF_TIME = 7;

    private static final int OF_TIME_AND_NAME = 8;
    private static final int TIME_SHIFT = 16;

    private final ClientSettings clients;
    private final KafkaConsumer<byte[], byte[]> asking;
    private final int partitions;

    /**
     * The commands of a partition that the log still has.
     *
     * @param begin offset of the first
     * @param end offset behind the last
     */
    public record Bounds(long begin, long end) {}

    /**
     * Finds out how many partitions there are.
     *
     * @throws LogUnreadableException Kafka does not answer, or has no such topics
     */
    public RecordedLog(ClientSettings clients) {
        this.clients = clients;
        this.asking = open(Map.of());
        try {
            this.partitions = answered(() -> {
                List<PartitionInfo> found = asking.partitionsFor(Topics.COMMANDS);
                return found == null ? 0 : found.size();
            });
            int outcomes = answered(() -> {
                List<PartitionInfo> found = asking.partitionsFor(Topics.EVENTS);
                return found == null ? 0 : found.size();
            });
            if (partitions == 0 || outcomes != partitions) {
                throw new LogUnreadableException(
                        "expected as many partitions of " + Topics.COMMANDS + " as of " + Topics.EVENTS + " at "
                                + clients.bootstrapServers() + ", but there are " + partitions + " and " + outcomes);
            }
            // Nothing is fetched, but a consumer warns of what it learns of partitions that it does not have.
            asking.assign(IntStream.range(0, partitions)
                    .boxed()
                    .flatMap(number -> Stream.of(
                            new TopicPartition(Topics.COMMANDS, number), new TopicPartition(Topics.EVENTS, number)))
                    .toList());
        } catch (RuntimeException e) {
            asking.close();
            throw e;
        }
    }

    private KafkaConsumer<byte[], byte[]> open(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        try {
            return CommittedReader.open(clients, settings);
        } catch (KafkaException e) {
            throw unanswered(e);
        }
    }

    private KafkaConsumer<byte[], byte[]> openLog() {
        return open(Map.of(
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, LogReader.FETCH_BYTES,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, LogReader.POLL_RECORDS));
    }

    private LogUnreadableException unanswered(KafkaException e) {
        Throwable why = e.getCause() == null ? e : e.getCause();
        return new LogUnreadableException(
                "expected Kafka at " + clients.bootstrapServers() + " to show its log, but: " + why.getMessage(), e);
    }

    private <T> T answered(Supplier<T> question) {
        try {
            return question.get();
        } catch (KafkaException e) {
            throw unanswered(e);
        }
    }

    /** @return number of partitions of the log */
    public int partitions() {
        return partitions;
    }

    /**
     * @return the number
     * @throws LogUnreadableException there is no such partition
     */
    public int partition(int number) {
        if (number < 0 || number >= partitions) {
            throw new LogUnreadableException(
                    "expected a partition from 0 to " + (partitions - 1) + ", but got " + number);
        }
        return number;
    }

    /** @return what there is of the commands of a partition now */
    public Bounds bounds(int partition) {
        return bounds(Topics.COMMANDS, partition);
    }

    private Bounds bounds(String topic, int partition) {
        TopicPartition place = new TopicPartition(topic, partition);
        return answered(() -> new Bounds(PartitionOffsets.begin(asking, place), PartitionOffsets.end(asking, place)));
    }

    /**
     * Makes sure that nothing is missing before the first command.
     *
     * @throws LogUnreadableException the beginning of either topic was deleted
     */
    public void expectBeginning(int partition) {
        for (String topic : List.of(Topics.COMMANDS, Topics.EVENTS)) {
            long begin = bounds(topic, partition).begin();
            if (begin > 0) {
                throw new LogUnreadableException(
                        "expected " + topic + " from its beginning, but the first record of partition "
                                + partition + " is at offset " + begin
                                + ": what was before is deleted, and what came of it cannot be"
                                + " made again");
            }
        }
    }

    /**
     * @return offset of the first command of the partition that is not before the moment; the end of the log where there is none
     * @throws LogUnreadableException the moment is not in the log, or is one of another partition
     */
    public long at(int partition, Moment moment) {
        return switch (moment) {
            case Moment.Time time -> at(partition, time.instant());
            case Moment.LogOffset place -> at(partition, place);
        };
    }

    private long at(int partition, Moment.LogOffset place) {
        Bounds bounds = bounds(partition(place.partition()));
        if (place.partition() != partition || place.offset() < bounds.begin() || place.offset() > bounds.end()) {
            throw new LogUnreadableException(
                    "expected a moment of partition " + partition + ", whose commands go from offset " + bounds.begin()
                            + " to " + (bounds.end() - 1) + ", but got " + place);
        }
        return place.offset();
    }

    private long at(int partition, Instant time) {
        OffsetAndTimestamp found = find(Topics.COMMANDS, partition, time.toEpochMilli());
        return found == null ? bounds(partition).end() : found.offset();
    }

    private @Nullable OffsetAndTimestamp find(String topic, int partition, long timeMs) {
        TopicPartition place = new TopicPartition(topic, partition);
        return answered(() -> asking.offsetsForTimes(Map.of(place, timeMs)).get(place));
    }

    /**
     * Makes sure that the log was there at a time.
     *
     * @param now the time of day
     * @throws LogUnreadableException its first command is later, or the time has not come yet
     */
    public void expectWithin(Instant time, Instant now) {
        if (time.isAfter(now)) {
            throw new LogUnreadableException(
                    "expected a moment that has been, but " + time + " is yet to come: it is " + now);
        }
        Instant begin = null;
        for (int partition = 0; partition < partitions; partition++) {
            OffsetAndTimestamp first = find(Topics.COMMANDS, partition, 0);
            Instant at = first == null ? null : Instant.ofEpochMilli(first.timestamp());
            begin = at != null && (begin == null || at.isBefore(begin)) ? at : begin;
        }
        if (begin == null || time.isBefore(begin)) {
            throw new LogUnreadableException("expected a moment in the log, but " + time + " is before it: "
                    + (begin == null ? "there is no command yet" : "the first command came at " + begin));
        }
    }

    /** @return all commands of the partition beside their outcomes, up to what is committed now; on any thread */
    public LogReader read(int partition) {
        return read(partition, new Start(0, 0));
    }

    /** @return the commands of the partition beside their outcomes, from there to what is committed now; on any thread */
    public LogReader read(int partition, Start from) {
        return answered(() -> new LogReader(openLog(), partition, from));
    }

    /** @return what came of all commands of the partition that are committed now, without the commands; on any thread */
    public OutcomesReader outcomes(int partition) {
        return answered(() -> new OutcomesReader(openLog(), partition));
    }

    /**
     * Where reading begins.
     *
     * @param command offset of the first command that is wanted
     * @param outcome offset on the events topic before which no outcome of it, or of a later one, stands
     */
    public record Start(long command, long outcome) {}

    /** @return the first command of the partition that the log still has */
    public Start begin(int partition) {
        return new Start(bounds(partition).begin(), 0);
    }

    /** @return a place of the partition before which nothing was about the id, as far as clocks were right */
    public Start before(int partition, UUID id) {
        Start begin = begin(partition);
        if (id.version() != OF_TIME && id.version() != OF_TIME_AND_NAME) {
            return begin;
        }
        long earliestMs = Math.max(0, (id.getMostSignificantBits() >>> TIME_SHIFT) - CLOCKS.toMillis());
        // Asked for first: what is committed while this looks may be about the id.
        long end = bounds(Topics.EVENTS, partition).end();
        // Another broker may have taken the outcomes in.
        OffsetAndTimestamp outcome = find(Topics.EVENTS, partition, Math.max(0, earliestMs - CLOCKS.toMillis()));
        return new Start(
                Math.max(begin.command, at(partition, Instant.ofEpochMilli(earliestMs))),
                outcome == null ? end : outcome.offset());
    }

    @Override
    public void close() {
        asking.close();
    }
}

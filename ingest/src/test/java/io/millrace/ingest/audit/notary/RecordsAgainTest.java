package io.millrace.ingest.audit.notary;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.ingest.audit.proof.LoggedRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecordsAgainTest {

    private static final TopicPartition ONE = new TopicPartition("records", 1);
    private static final TopicPartition OTHER = new TopicPartition("records", 2);
    private static final int RECORD_BYTES = 1_000;
    private static final int OF_A_POLL = 10;

    private final Log log = new Log();
    private final RecordsAgain records = new RecordsAgain(log, 12 * RECORD_BYTES);

    @BeforeEach
    void assign() {
        records.assign(List.of(ONE, OTHER));
    }

    @AfterEach
    void close() {
        records.close();
    }

    @Test
    void recordsAreReadOneByOneAndEachPollOnlyWhenAllOfTheOneBeforeWereAskedFor() {
        log.write(ONE, 0, 100);

        for (long offset = 0; offset < OF_A_POLL; offset++) {
            assertEquals(offset, records.at(ONE, offset).orElseThrow().offset());
            assertEquals(1, log.polls);
        }
        records.at(ONE, OF_A_POLL);

        assertEquals(2, log.polls);
    }

    @Test
    void whatIsReadAheadOfAllIsNoMoreThanItMayBe() {
        log.write(ONE, 0, 100);
        log.write(OTHER, 0, 100);

        records.at(ONE, 0);
        records.at(OTHER, 0);

        // 9 records are ahead of each; together they are too many, so that those of the first are read once more
        assertEquals(1, records.at(ONE, 1).orElseThrow().offset());
        assertEquals(3, log.polls);
        assertEquals(1, records.at(OTHER, 1).orElseThrow().offset());
        assertEquals(4, log.polls);
    }

    @Test
    void smallRecordsOfSeveralPartitionsAreReadOnce() {
        log.write(ONE, 0, 5);
        log.write(OTHER, 0, 5);

        for (long offset = 0; offset < 5; offset++) {
            assertEquals(offset, records.at(ONE, offset).orElseThrow().offset());
            assertEquals(offset, records.at(OTHER, offset).orElseThrow().offset());
        }

        assertEquals(2, log.polls);
    }

    @Test
    void whatIsFarIsGoneToAndWhatIsNearIsReadOnTo() {
        log.write(ONE, 0, 10_000);

        records.at(ONE, 0);
        records.at(ONE, 9_000);
        assertEquals(2, log.polls);

        records.at(ONE, 9_035);
        assertEquals(5, log.polls);
    }

    @Test
    void anOffsetBeforeTheLastOneIsReadAgain() {
        log.write(ONE, 0, 100);
        records.at(ONE, 50);

        assertEquals(7, records.at(ONE, 7).orElseThrow().offset());
    }

    @Test
    void theNextRecordIsTheOneBehindAHole() {
        log.write(ONE, 0, 5);
        log.write(ONE, 8, 12);

        assertEquals(Optional.empty(), records.at(ONE, 6));
        assertEquals(8, records.next(ONE, 5).map(LoggedRecord::offset).orElseThrow());
        assertEquals(8, records.at(ONE, 8).map(LoggedRecord::offset).orElseThrow());
        assertEquals(Optional.empty(), records.next(ONE, 12));
    }

    @Test
    void whatWasDeletedIsNotThereAndWhatFollowsIs() {
        log.write(ONE, 20, 30);

        assertEquals(Optional.empty(), records.at(ONE, 3));
        assertEquals(20, records.next(ONE, 3).map(LoggedRecord::offset).orElseThrow());
        assertEquals(20, records.begin(ONE));
    }

    @Test
    void anOffsetFarBehindTheEndIsNotThereAndHoldsNothingUp() {
        log.write(ONE, 0, 5);

        assertEquals(Optional.empty(), records.at(ONE, 1_000_000));
        log.write(ONE, 5, 6);

        assertEquals(5, records.at(ONE, 5).orElseThrow().offset());
    }

    /** Partitions that are read as from Kafka: some records at a time, and nothing where there is nothing. */
    private static final class Log extends MockConsumer<byte[], byte[]> {

        private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> records =
                new HashMap<>(Map.of(ONE, new ArrayList<>(), OTHER, new ArrayList<>()));
        private int polls;

        Log() {
            super("none");
            updateEndOffsets(Map.of(ONE, 0L, OTHER, 0L));
            updateBeginningOffsets(Map.of(ONE, 0L, OTHER, 0L));
        }

        void write(TopicPartition place, long from, long end) {
            List<ConsumerRecord<byte[], byte[]>> all = records.get(place);
            LongStream.range(from, end)
                    .forEach(offset -> all.add(new ConsumerRecord<>(
                            place.topic(), place.partition(), offset, new byte[0], new byte[RECORD_BYTES])));
            updateEndOffsets(Map.of(place, end));
            updateBeginningOffsets(Map.of(place, all.getFirst().offset()));
        }

        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            polls++;
            Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> polled = new HashMap<>();
            for (TopicPartition place : assignment()) {
                List<ConsumerRecord<byte[], byte[]>> next = paused().contains(place) ? List.of() : next(place);
                if (!next.isEmpty()) {
                    polled.put(place, next);
                }
            }
            return new ConsumerRecords<>(polled, Map.of());
        }

        private List<ConsumerRecord<byte[], byte[]>> next(TopicPartition place) {
            long from = position(place);
            if (from < beginningOffsets(List.of(place)).get(place)
                    || from > endOffsets(List.of(place)).get(place)) {
                throw new OffsetOutOfRangeException(Map.of(place, from));
            }
            List<ConsumerRecord<byte[], byte[]>> next = records.get(place).stream()
                    .filter(record -> record.offset() >= from)
                    .limit(OF_A_POLL)
                    .toList();
            if (!next.isEmpty()) {
                seek(place, next.getLast().offset() + 1);
            }
            return next;
        }
    }
}

package io.millrace.proto.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadLoopTest {

    private static final TopicPartition PARTITION = new TopicPartition("t", 0);
    private static final Duration REST = Duration.ofMillis(1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final BlockingQueue<Long> taken = new LinkedBlockingQueue<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private Runnable onFailure = () -> {};
    private ReadLoop loop;

    @BeforeEach
    void assign() {
        consumer.assign(List.of(PARTITION));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private void open(ReadLoop.Taker taker) {
        loop = new ReadLoop(
                "test",
                consumer,
                REST,
                REST,
                () -> ReadLoop.each(consumer, consumer.poll(Duration.ofMillis(10)), taker),
                new ReadLoop.Listener() {
                    @Override
                    public void failed(Throwable cause) {
                        failures.add(cause);
                        onFailure.run();
                    }

                    @Override
                    public void ended() {
                        ended.countDown();
                    }
                });
        loop.start();
    }

    @Test
    void aLoopThatReadsDoesNotStandStill() throws Exception {
        record(0);
        open(record -> taken.add(record.offset()));
        assertEquals(0, next());
        assertEquals(Optional.empty(), loop.standsStill());
    }

    @Test
    void aLoopWhoseTurnsFailAllTheTimeStandsStillAfterAWhileAndSaysWhy() throws Exception {
        AtomicLong nanos = new AtomicLong();
        AtomicBoolean fails = new AtomicBoolean(true);
        loop = new ReadLoop(
                "test",
                consumer,
                REST,
                REST,
                () -> {
                    if (fails.get()) {
                        throw new KafkaException("not allowed");
                    }
                    taken.add(nanos.get());
                },
                failures::add,
                nanos::get);
        assertEquals(Optional.empty(), loop.standsStill());
        loop.start();
        nanos.set(TimeUnit.SECONDS.toNanos(15) - 1);
        assertEquals(Optional.empty(), loop.standsStill());
        nanos.incrementAndGet();
        assertTrue(loop.standsStill().orElseThrow().contains("the thread test has read nothing for 15 s"));
        fails.set(false);
        next();
        next(); // the turn before is done
        assertEquals(Optional.empty(), loop.standsStill());
    }

    @Test
    void aLoopThatHasEndedStandsStill() throws Exception {
        open(record -> taken.add(record.offset()));
        loop.close();
        assertTrue(ended.await(30, TimeUnit.SECONDS));
        assertEquals(Optional.of("the thread test has ended"), loop.standsStill());
    }

    private void record(long offset) {
        consumer.schedulePollTask(() -> consumer.addRecord(new ConsumerRecord<>("t", 0, offset, null, new byte[0])));
    }

    private long next() throws InterruptedException {
        Long offset = taken.poll(30, TimeUnit.SECONDS);
        assertTrue(offset != null, "expected another record, but none came");
        return offset;
    }

    @Test
    void aFailureOfKafkaIsToldAndReadingGoesOn() throws Exception {
        consumer.schedulePollTask(() -> consumer.setPollException(new KafkaException("fenced")));
        record(0);
        open(record -> taken.add(record.offset()));
        assertEquals(0, next());
        assertEquals(1, failures.size());
    }

    @Test
    void aRecordThatCannotBeTakenHoldsUpNoneBehindIt() throws Exception {
        consumer.schedulePollTask(() -> {
            consumer.addRecord(new ConsumerRecord<>("t", 0, 0, null, new byte[0]));
            consumer.addRecord(new ConsumerRecord<>("t", 0, 1, null, new byte[0]));
        });
        open(record -> {
            if (record.offset() == 0) {
                throw new IllegalStateException("makes no sense");
            }
            taken.add(record.offset());
        });
        assertEquals(1, next());
        assertTrue(failures.isEmpty());
    }

    @Test
    void noErrorOfTheMachineEndsItAndTheRecordsThatItHitAreReadAgain() throws Exception {
        TopicPartition other = new TopicPartition("t", 1);
        consumer.assign(List.of(PARTITION, other));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L, other, 0L));
        onFailure = () -> {
            for (TopicPartition each : List.of(PARTITION, other)) {
                for (long offset = consumer.position(each); offset < 3; offset++) { // a log would have them still
                    consumer.addRecord(new ConsumerRecord<>("t", each.partition(), offset, null, new byte[0]));
                }
            }
        };
        consumer.schedulePollTask(onFailure);
        AtomicInteger tries = new AtomicInteger();
        open(record -> {
            if (tries.incrementAndGet() == 2) {
                throw new OutOfMemoryError("for the test");
            }
            taken.add(10L * record.partition() + record.offset());
        });
        Set<Long> all = new HashSet<>();
        while (all.size() < 6) {
            assertTrue(all.add(next()), "taken twice");
        }
        assertEquals(Set.of(0L, 1L, 2L, 10L, 11L, 12L), all);
        assertInstanceOf(OutOfMemoryError.class, failures.getFirst());
    }

    @Test
    void anErrorOfKafkasClientEndsItNeither() throws Exception {
        consumer.schedulePollTask(() -> {
            throw new OutOfMemoryError("for the test");
        });
        record(0);
        open(record -> taken.add(record.offset()));
        assertEquals(0, next());
        assertInstanceOf(OutOfMemoryError.class, failures.getFirst());
    }

    @Test
    void aRecordThatIsTooDeepIsPassedOver() throws Exception {
        consumer.schedulePollTask(() -> {
            consumer.addRecord(new ConsumerRecord<>("t", 0, 0, null, new byte[0]));
            consumer.addRecord(new ConsumerRecord<>("t", 0, 1, null, new byte[0]));
        });
        open(record -> {
            if (record.offset() == 0) {
                throw new StackOverflowError("for the test");
            }
            taken.add(record.offset());
        });
        assertEquals(1, next());
        assertTrue(failures.isEmpty());
    }

    @Test
    void closingEndsItAndClosesTheConsumer() throws Exception {
        record(0);
        open(record -> taken.add(record.offset()));
        next();
        loop.close();
        assertTrue(ended.await(30, TimeUnit.SECONDS));
        assertTrue(consumer.closed());
    }

    @Test
    void oneThatWasNeverStartedClosesItsConsumerToo() {
        loop = new ReadLoop("test", consumer, REST, REST, () -> {}, failure -> {});
        loop.close();
        assertTrue(consumer.closed());
    }
}

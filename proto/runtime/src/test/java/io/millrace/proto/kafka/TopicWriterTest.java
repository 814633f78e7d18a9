package io.millrace.proto.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicWriterTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Goes a second on with each look, so whatever is not settled seems to have waited long. */
    private final AtomicLong hours = new AtomicLong();

    private static final Duration LONG = Duration.ofMinutes(5);

    /** Says no as Kafka's producer does that must not wait: by calling back at once. */
    private static final class Broker extends MockProducer<byte[], byte[]> {

        private volatile Exception refusal;
        /** Thrown once. */
        private final AtomicReference<Error> error = new AtomicReference<>();

        Broker() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            Error broken = error.getAndSet(null);
            if (broken != null) {
                throw broken;
            }
            Exception no = refusal;
            if (no == null) {
                return super.send(record, callback);
            }
            callback.onCompletion(null, no);
            return CompletableFuture.failedFuture(no);
        }
    }

    private final Broker broker = new Broker();
    private final TopicWriter writer = new TopicWriter("t", broker);

    @AfterEach
    void close() {
        writer.close();
    }

    private static CompletableFuture<RecordMetadata> write(TopicWriter to, byte[] value, Duration patience) {
        return write(to, 0, value, patience);
    }

    private static CompletableFuture<RecordMetadata> write(
            TopicWriter to, int partition, byte[] value, Duration patience) {
        CompletableFuture<RecordMetadata> done = new CompletableFuture<>();
        to.write(partition, null, value, patience, (where, failure) -> {
            boolean first = failure == null ? done.complete(where) : done.completeExceptionally(failure);
            assertTrue(first, "told twice");
        });
        return done;
    }

    private CompletableFuture<RecordMetadata> write(String value, Duration patience) {
        return write(writer, value.getBytes(StandardCharsets.UTF_8), patience);
    }

    private List<String> written() {
        return broker.history().stream()
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .toList();
    }

    private static Throwable failure(CompletableFuture<?> future) {
        return assertThrows(ExecutionException.class, () -> future.get(30, TimeUnit.SECONDS))
                .getCause();
    }

    @Test
    void aRecordThatKafkaTakesIsHandedOverByTheCallerItself() {
        CompletableFuture<RecordMetadata> done = write("a", LONG);
        assertEquals(List.of("a"), written());
        assertTrue(done.isDone());
    }

    @Test
    void whatKafkaCannotTakeNowWaitsAndKeepsItsOrder() {
        broker.refusal = new TimeoutException("not present in metadata");
        CompletableFuture<RecordMetadata> first = write("a", LONG);
        CompletableFuture<RecordMetadata> second = write("b", LONG);
        assertFalse(first.isDone());
        broker.refusal = null;
        CompletableFuture<RecordMetadata> third = write("c", LONG);
        CompletableFuture.allOf(first, second, third).join();
        assertEquals(List.of("a", "b", "c"), written());
    }

    @Test
    void notEvenAnErrorEndsTheThreadBehindWhichAllRecordsWait() throws Exception {
        broker.refusal = new TimeoutException("not present in metadata");
        CompletableFuture<RecordMetadata> first = write("a", LONG);
        broker.error.set(new OutOfMemoryError("for the test"));
        broker.refusal = null;

        CompletableFuture<RecordMetadata> second = write("b", LONG);
        CompletableFuture<RecordMetadata> third = write("c", LONG);
        second.get(30, TimeUnit.SECONDS);
        third.get(30, TimeUnit.SECONDS);

        assertTrue(first.isDone());
        assertEquals(
                List.of("b", "c"),
                written().stream().filter(each -> !each.equals("a")).toList());
    }

    @Test
    void anErrorOfTheClientTellsNobodyThatTheRecordWasNotWritten() {
        broker.error.set(new OutOfMemoryError("for the test"));
        assertFalse(failure(write("a", LONG)) instanceof UnsentException);
        assertFalse(write("b", LONG).isCompletedExceptionally());
    }

    @Test
    void whatWaitsTooLongIsGivenUpAtItsOwnTimeAndIsSureNotToBeWritten() {
        broker.refusal = new TimeoutException("not present in metadata");
        CompletableFuture<RecordMetadata> patient = write("a", LONG);
        CompletableFuture<RecordMetadata> other = write("b", Duration.ofMillis(1));
        assertInstanceOf(UnsentException.class, failure(other));
        assertFalse(patient.isDone());
        broker.refusal = null;
        patient.join();
        assertEquals(List.of("a"), written());
    }

    @Test
    void noMoreThanSoMuchWaits() {
        broker.refusal = new TimeoutException("no room");
        byte[] large = new byte[1 << 20];
        int taken = 0;
        while (taken < 100 && !write(writer, large, LONG).isDone()) {
            taken++;
        }
        assertEquals(31, taken);
    }

    /** Its leader is away. */
    @ParameterizedTest
    @CsvSource({"4,4", "2,8", "24,4"})
    void aPartitionThatKafkaDoesNotTakeLeavesTheOthersTheirRoom(int partitions, int taken) {
        MockProducer<byte[], byte[]> held = held(partitions);
        try (TopicWriter shared = new TopicWriter("t", () -> held, () -> hours.addAndGet(SECOND), 16_000)) {
            assertEquals(partitions, shared.partitions());
            byte[] value = new byte[700]; // 900 with what a record takes besides
            for (int i = 0; i < taken; i++) {
                assertFalse(write(shared, 0, value).isDone());
            }
            assertInstanceOf(UnsentException.class, failure(write(shared, 0, value)));
            CompletableFuture<RecordMetadata> other = write(shared, 1, value);
            assertFalse(other.isDone());

            assertTrue(held.completeNext());
            CompletableFuture<RecordMetadata> next = write(shared, 0, value);
            assertFalse(next.isDone());
            assertTrue(held.errorNext(new TimeoutException("no leader")));
            assertFalse(write(shared, 0, value).isDone());
            assertTrue(write(shared, 0, value).isDone());
            assertEquals(taken + 3, held.history().size());
        }
    }

    @Test
    void aRecordThatIsLargerThanTheShareOfItsPartitionGoesAlone() {
        MockProducer<byte[], byte[]> held = held(4);
        try (TopicWriter shared = new TopicWriter("t", () -> held, () -> hours.addAndGet(SECOND), 16_000)) {
            shared.partitions();
            assertFalse(write(shared, 0, new byte[10_000]).isDone());
            assertTrue(write(shared, 0, new byte[1]).isDone());
        }
    }

    /** Replies to one node, or what one command tells a thousand others, may come all at once. */
    @Test
    void aPartitionThatKafkaTakesMayHaveAllButAShareOfTheOthers() {
        MockProducer<byte[], byte[]> held = held(4);
        try (TopicWriter shared = new TopicWriter("t", () -> held, () -> 7 * SECOND, 16_000)) {
            shared.partitions();
            for (int i = 0; i < 13; i++) {
                assertFalse(write(shared, 0, new byte[700]).isDone());
            }
            assertInstanceOf(UnsentException.class, failure(write(shared, 0, new byte[700])));
            assertFalse(write(shared, 1, new byte[700]).isDone());
        }
    }

    @Test
    void theOnlyPartitionHasAllOfTheRoom() {
        MockProducer<byte[], byte[]> held = held(1);
        try (TopicWriter alone = new TopicWriter("t", () -> held, System::nanoTime, 1_000)) {
            alone.partitions();
            for (int i = 0; i < 10; i++) {
                assertFalse(write(alone, 0, new byte[1_000]).isDone());
            }
        }
    }

    /** What waited for the producer, and was handed over later, counts as all else. */
    @Test
    void whatThePartitionHasNoRoomForDoesNotHoldUpWhatWaitsBehindIt() throws Exception {
        AtomicReference<Exception> refusal = new AtomicReference<>(new TimeoutException("not present in metadata"));
        MockProducer<byte[], byte[]> held =
                new MockProducer<>(cluster(4), false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                    @Override
                    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
                        Exception no = refusal.get();
                        if (no == null) {
                            return super.send(record, callback);
                        }
                        callback.onCompletion(null, no);
                        return CompletableFuture.failedFuture(no);
                    }
                };
        try (TopicWriter shared = new TopicWriter("t", () -> held, () -> hours.addAndGet(SECOND), 16_000)) {
            shared.partitions();
            List<CompletableFuture<RecordMetadata>> first = Stream.generate(() -> write(shared, 0, new byte[700]))
                    .limit(5)
                    .toList();
            CompletableFuture<RecordMetadata> other = write(shared, 1, new byte[700]);
            refusal.set(null);

            assertInstanceOf(UnsentException.class, failure(first.getLast()));
            while (!other.isDone()) {
                held.completeNext();
            }
            assertFalse(other.isCompletedExceptionally());
        }
    }

    private static MockProducer<byte[], byte[]> held(int partitions) {
        return new MockProducer<>(
                cluster(partitions), false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static Cluster cluster(int partitions) {
        Node node = new Node(0, "localhost", 1);
        return new Cluster(
                "c",
                List.of(node),
                IntStream.range(0, partitions)
                        .mapToObj(each -> new PartitionInfo("t", each, node, new Node[] {node}, new Node[] {node}))
                        .toList(),
                Set.of(),
                Set.of());
    }

    private static CompletableFuture<RecordMetadata> write(TopicWriter to, int partition, byte[] value) {
        return write(to, partition, value, LONG);
    }

    @Test
    void whatCanNeverBeTakenFailsAtOnceAndHoldsUpNobody() {
        broker.refusal = new RecordTooLargeException("17 MB");
        CompletableFuture<RecordMetadata> done = write("a", LONG);
        assertTrue(done.isCompletedExceptionally());
        UnsentException failure = assertInstanceOf(UnsentException.class, failure(done));
        assertInstanceOf(RecordTooLargeException.class, failure.getCause());
        broker.refusal = null;
        assertTrue(write("b", LONG).isDone());
    }

    @Test
    void aProducerThatFailedForGoodIsReplacedAndOneThatFailedIsNot() {
        MockProducer<byte[], byte[]> first =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        Deque<Producer<byte[], byte[]>> producers = new ArrayDeque<>(List.of(first, broker));
        try (TopicWriter replacing = new TopicWriter("t", producers::remove)) {
            CompletableFuture<RecordMetadata> failed = write(replacing, new byte[] {1}, LONG);
            CompletableFuture<RecordMetadata> ended = write(replacing, new byte[] {2}, LONG);
            CompletableFuture<RecordMetadata> behind = write(replacing, new byte[] {3}, LONG);
            Thread network = Thread.ofPlatform().start(() -> {
                first.errorNext(new NotLeaderOrFollowerException("moved"));
                first.errorNext(new ClusterAuthorizationException("not for now"));
                first.errorNext(new ClusterAuthorizationException("not for now"));
            });
            assertInstanceOf(NotLeaderOrFollowerException.class, failure(failed));
            assertInstanceOf(ClusterAuthorizationException.class, failure(ended));
            assertInstanceOf(ClusterAuthorizationException.class, failure(behind));
            assertDoesNotHang(network);

            write(replacing, new byte[] {4}, LONG).join();

            assertTrue(first.closed());
            assertEquals(1, broker.history().size(), "by the next one");
        }
    }

    /** As Kafka's producer does once it has failed for good: it takes the record, throws, and gives it up later. */
    private static final class Dead extends MockProducer<byte[], byte[]> {
        private volatile Callback given;

        Dead() {
            super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            given = callback;
            throw new KafkaException("in an error state", new ClusterAuthorizationException("not for now"));
        }
    }

    @Test
    void producersThatFailForGoodAsSoonAsTheyAreMadeAreReplacedUntilOneWorks() throws Exception {
        AtomicLong nanos = new AtomicLong();
        Dead first = new Dead();
        Dead second = new Dead();
        CountDownLatch made = new CountDownLatch(3);
        Deque<Producer<byte[], byte[]>> producers = new ArrayDeque<>(List.of(first, second, broker));
        try (TopicWriter replacing = new TopicWriter(
                "t",
                () -> {
                    made.countDown();
                    return producers.remove();
                },
                nanos::get,
                1 << 20)) {
            CompletableFuture<RecordMetadata> known = write(replacing, new byte[] {1}, LONG);
            assertFalse(failure(known) instanceof UnsentException, "nobody knows whether it was on its way");
            first.given.onCompletion(null, new ClusterAuthorizationException("not for now")); // told once all the same
            assertInstanceOf(KafkaException.class, failure(write(replacing, new byte[] {2}, LONG)));
            assertEquals(1, made.getCount(), "the second one was made just now");
            CompletableFuture<RecordMetadata> waiting = write(replacing, new byte[] {3}, LONG);
            assertFalse(waiting.isDone());

            nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
            waiting.get(60, TimeUnit.SECONDS);
            assertTrue(first.closed());
            assertTrue(second.closed());
            assertEquals(1, broker.history().size());
        }
    }

    @Test
    void aRecordThatWasHandedOverMayStandInTheTopicWhateverComesOfIt() {
        MockProducer<byte[], byte[]> slow =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        try (TopicWriter other = new TopicWriter("t", slow)) {
            CompletableFuture<RecordMetadata> lost = write(other, new byte[1], LONG);
            CompletableFuture<RecordMetadata> late = write(other, new byte[1], LONG);
            Thread network = Thread.ofPlatform().start(() -> {
                slow.errorNext(new NotLeaderOrFollowerException("moved"));
                slow.errorNext(new TimeoutException("not acknowledged"));
            });
            assertInstanceOf(NotLeaderOrFollowerException.class, failure(lost));
            assertInstanceOf(TimeoutException.class, failure(late));
            assertDoesNotHang(network);
        }
    }

    private static void assertDoesNotHang(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aWriterThatHearsOfItsRecordAndFailsStopsNobody() {
        broker.refusal = new TimeoutException("not present in metadata");
        writer.write(0, null, new byte[1], Duration.ofMillis(1), (where, failure) -> {
            throw new IllegalStateException("broken");
        });
        CompletableFuture<RecordMetadata> next = write("b", LONG);
        assertInstanceOf(UnsentException.class, failure(write("c", Duration.ofMillis(1))));
        broker.refusal = null;
        next.join();
        assertEquals(List.of("b"), written());
    }

    @Test
    void closingGivesUpWhatWaits() {
        broker.refusal = new TimeoutException("not present in metadata");
        CompletableFuture<RecordMetadata> waiting = write("a", LONG);
        writer.close();
        assertInstanceOf(UnsentException.class, failure(waiting));
        CompletableFuture<RecordMetadata> late = write("b", LONG);
        assertInstanceOf(UnsentException.class, failure(late));
    }

    /** Kafka's own producer: nothing listens at its address. */
    @Test
    void whereNoBrokerIsNobodyWaits() {
        ClientSettings nowhere = new ClientSettings("127.0.0.1:1", Map.of());
        try (TopicWriter alone = new TopicWriter("t", nowhere.lasting())) {
            CompletableFuture<RecordMetadata> patient = write(alone, new byte[1], LONG);
            CompletableFuture<RecordMetadata> other = write(alone, new byte[1], Duration.ofMillis(1));
            assertInstanceOf(UnsentException.class, failure(other));
            assertFalse(patient.isDone());
            assertThrows(TimeoutException.class, () -> alone.partitions(Duration.ZERO));
        }
    }
}

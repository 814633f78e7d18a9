package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.topology.group.OutcomeReaders.OpenTransactionException;
import io.millrace.proto.kafka.ClientSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutcomeReadersTest {

    private static final int PARTITIONS = 24;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final List<MockConsumer<byte[], byte[]>> made = new CopyOnWriteArrayList<>();
    private final OutcomeReaders readers = new OutcomeReaders(
            () -> new OutcomeConsumers(new ClientSettings("", Map.of()), this::make), Duration.ofMillis(1));

    @AfterEach
    void close() {
        readers.close();
    }

    private Consumer<byte[], byte[]> make(Map<String, Object> settings) {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
        made.add(consumer);
        return consumer;
    }

    private static void awaitAll(List<? extends CompletableFuture<?>> all) {
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void allPartitionsAreLookedForWithFewThreadsThatKeepTheirConsumers() {
        CountDownLatch allAsked = new CountDownLatch(1);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<Boolean>> found = IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> readers.look(
                        (consumers, patience) -> {
                            await(allAsked);
                            threads.add(Thread.currentThread());
                            consumers.committed();
                            return true;
                        },
                        PATIENCE_NANOS))
                .toList();
        allAsked.countDown();
        awaitAll(found);
        assertTrue(threads.size() <= OutcomeReaders.THREADS, () -> threads.toString());
        assertTrue(made.size() <= OutcomeReaders.THREADS, () -> made.size() + " consumers");
    }

    @Test
    void theFirstThatWasAskedForComesFirst() {
        CyclicBarrier all = new CyclicBarrier(OutcomeReaders.THREADS);
        List<Integer> begun = new CopyOnWriteArrayList<>();
        awaitAll(IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> readers.look(
                        (consumers, patience) -> {
                            begun.add(partition);
                            await(all); // none begins the next while another is still to begin this one
                            return true;
                        },
                        PATIENCE_NANOS))
                .toList());
        for (int from = 0; from < PARTITIONS; from += OutcomeReaders.THREADS) {
            int first = from;
            assertEquals(
                    IntStream.range(first, first + OutcomeReaders.THREADS)
                            .boxed()
                            .toList(),
                    begun.subList(first, first + OutcomeReaders.THREADS).stream()
                            .sorted()
                            .toList());
        }
    }

    @Test
    void partitionsWithOpenTransactionsHoldUpNoOthers() {
        CountDownLatch over = new CountDownLatch(1);
        List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
        for (int i = 0; i < 2 * OutcomeReaders.THREADS; i++) {
            waiting.add(readers.look(
                    (consumers, patience) -> {
                        if (over.getCount() > 0) {
                            throw new OpenTransactionException("open");
                        }
                        return true;
                    },
                    PATIENCE_NANOS));
        }
        awaitAll(List.of(readers.look((consumers, patience) -> true, PATIENCE_NANOS)));
        assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
        over.countDown();
        awaitAll(waiting);
    }

    /** It has no leader, perhaps. More of them than there are threads wait before those that Kafka shows. */
    @Test
    void partitionsThatKafkaDoesNotShowHoldUpNoOthersForLong() {
        CountDownLatch shown = new CountDownLatch(1);
        List<Duration> patienceOfFirst = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
        for (int i = 0; i < 2 * OutcomeReaders.THREADS; i++) {
            boolean first = i == 0;
            waiting.add(readers.look(
                    (consumers, patience) -> {
                        if (first) {
                            patienceOfFirst.add(patience);
                        }
                        if (shown.getCount() > 0) {
                            throw new TimeoutException("no leader");
                        }
                        return true;
                    },
                    PATIENCE_NANOS));
        }
        awaitAll(List.of(readers.look((consumers, patience) -> true, PATIENCE_NANOS)));
        long endNanos = System.nanoTime() + PATIENCE_NANOS;
        while (patienceOfFirst.size() < 3) {
            assertTrue(System.nanoTime() - endNanos < 0, "not looked for again");
            Thread.onSpinWait();
        }
        assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
        assertTrue(
                patienceOfFirst.getFirst().toNanos() < PATIENCE_NANOS / PARTITIONS,
                "all together take no longer than one may");
        assertTrue(patienceOfFirst.get(2).compareTo(patienceOfFirst.get(1)) > 0, "a slow Kafka answers in the end");
        shown.countDown();
        awaitAll(waiting);
    }

    @Test
    void aTransactionThatStaysOpenIsToldWhenThePatienceIsOver() {
        CompletableFuture<Boolean> found = readers.look(
                (consumers, patience) -> {
                    throw new OpenTransactionException("the one at 7");
                },
                0);
        Throwable cause = assertThrows(CompletionException.class, () -> awaitAll(List.of(found)))
                .getCause();
        assertEquals(
                "the one at 7", assertInstanceOf(TimeoutException.class, cause).getMessage());
    }

    @Test
    void afterAFailureTheNextPartitionHasNewConsumers() {
        CompletableFuture<Boolean> failed = readers.look(
                (consumers, patience) -> {
                    consumers.committed();
                    throw new KafkaException("away");
                },
                PATIENCE_NANOS);
        assertThrows(CompletionException.class, () -> awaitAll(List.of(failed)));
        assertTrue(made.getFirst().closed());
        awaitAll(List.of(
                readers.look((consumers, patience) -> consumers.committed().assignment(), PATIENCE_NANOS)));
    }

    @Test
    void consumersGoWhenNothingIsLookedFor() throws InterruptedException {
        awaitAll(List.of(
                readers.look((consumers, patience) -> consumers.committed().assignment(), PATIENCE_NANOS)));
        long endNanos = System.nanoTime() + PATIENCE_NANOS;
        while (!made.stream().allMatch(MockConsumer::closed)) {
            assertTrue(System.nanoTime() - endNanos < 0, "they stay");
            Thread.onSpinWait();
        }
    }

    /** A stream thread may wait for it. */
    @Test
    void whatWaitsWhenAllIsClosedIsCancelled() {
        CountDownLatch never = new CountDownLatch(1);
        List<CompletableFuture<Boolean>> asked = IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> readers.look(
                        (consumers, patience) -> {
                            never.await();
                            return true;
                        },
                        PATIENCE_NANOS))
                .toList();
        readers.close();
        CompletableFuture<Boolean> late = readers.look((consumers, patience) -> true, PATIENCE_NANOS);
        assertTrue(asked.stream().allMatch(CompletableFuture::isCompletedExceptionally));
        assertTrue(late.isCancelled());
    }

    @Test
    void whatIsNotNeededAnyMoreIsNotLookedFor() {
        CountDownLatch busy = new CountDownLatch(1);
        List<CompletableFuture<Boolean>> first = IntStream.range(0, OutcomeReaders.THREADS)
                .mapToObj(i -> readers.look(
                        (consumers, patience) -> {
                            await(busy);
                            return true;
                        },
                        PATIENCE_NANOS))
                .toList();
        List<String> looked = new CopyOnWriteArrayList<>();
        CompletableFuture<Boolean> cancelled =
                readers.look((consumers, patience) -> looked.add("cancelled"), PATIENCE_NANOS);
        CompletableFuture<Boolean> last = readers.look((consumers, patience) -> looked.add("last"), PATIENCE_NANOS);
        cancelled.cancel(false);
        busy.countDown();
        awaitAll(first);
        awaitAll(List.of(last));
        assertEquals(List.of("last"), looked);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(60, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}

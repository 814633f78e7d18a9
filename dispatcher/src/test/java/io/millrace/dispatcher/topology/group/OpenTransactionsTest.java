package io.millrace.dispatcher.topology.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which transactions are aborted, whatever part of Kafka answers. */
class OpenTransactionsTest {

    private static final TopicPartition STATE = new TopicPartition("state", 3);
    private static final TopicPartition OTHER = new TopicPartition("state", 4);
    private static final long NOW_MS = 1_700_000_000_000L;

    private final Brokers brokers = new Brokers();
    private final OpenTransactions transactions =
            new OpenTransactions("millrace", brokers, () -> Instant.ofEpochMilli(NOW_MS), Duration.ofMillis(1));

    @AfterEach
    void close() {
        transactions.close();
    }

    private static final class Brokers implements TransactionsOnKafka {
        final List<String> listed = new CopyOnWriteArrayList<>();
        final Map<String, CompletionStage<TransactionDescription>> known = new ConcurrentHashMap<>();
        final Set<String> fenced = ConcurrentHashMap.newKeySet();
        final AtomicInteger looks = new AtomicInteger();

        void opens(String id, TopicPartition written, long beganMs) {
            known.put(
                    id,
                    CompletableFuture.completedFuture(new TransactionDescription(
                            1, TransactionState.ONGOING, 7, 1, 60_000, OptionalLong.of(beganMs), Set.of(written))));
            listed.add(id);
        }

        /** One of the brokers is dead, and says nothing. */
        @Override
        public void ongoing(Consumer<String> id, Consumer<Throwable> failed) {
            failed.accept(new TimeoutException("the broker died"));
            listed.forEach(id);
            looks.incrementAndGet();
        }

        @Override
        public CompletionStage<TransactionDescription> described(String id) {
            return known.get(id);
        }

        @Override
        public CompletionStage<Void> fenced(String id) {
            fenced.add(id);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {}
    }

    private static void await(BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - endNanos < 0, "never");
            Thread.onSpinWait();
        }
    }

    private void lookedForTwice() {
        int before = brokers.looks.get();
        await(() -> brokers.looks.get() >= before + 2);
    }

    @Test
    void whatLivingBrokersKnowIsAbortedThoughOneIsDead() {
        brokers.opens("millrace-a-1", STATE, NOW_MS - 1_000);
        transactions.reading(STATE);
        await(() -> brokers.fenced.contains("millrace-a-1"));
    }

    @Test
    void whatABrokerTellsOfLaterIsAbortedToo() {
        transactions.reading(STATE);
        lookedForTwice();
        brokers.opens("millrace-a-1", STATE, NOW_MS - 1_000);
        await(() -> brokers.fenced.contains("millrace-a-1"));
    }

    @Test
    void whatIsThereAtTheFirstLookIsAbortedThoughTheClockOfItsBrokerIsAhead() {
        brokers.opens("millrace-a-1", STATE, NOW_MS + 30_000);
        transactions.reading(STATE);
        await(() -> brokers.fenced.contains("millrace-a-1"));

        brokers.opens("millrace-a-2", OTHER, NOW_MS + 30_000);
        transactions.reading(OTHER);
        await(() -> brokers.fenced.contains("millrace-a-2"));
    }

    @Test
    void oneThatCannotBeDescribedDoesNotKeepTheOthersOpen() {
        brokers.opens("millrace-a-1", STATE, NOW_MS);
        brokers.known.put("millrace-a-1", CompletableFuture.failedFuture(new TimeoutException("gone")));
        brokers.opens("millrace-a-2", STATE, NOW_MS);
        transactions.reading(STATE);
        await(() -> brokers.fenced.contains("millrace-a-2"));
    }

    @Test
    void othersAreLeftAlone() {
        transactions.own("millrace-own");
        brokers.opens("millrace-own", STATE, NOW_MS);
        brokers.opens("someone-else", STATE, NOW_MS);
        brokers.opens("millrace-of-other-partition", OTHER, NOW_MS);
        brokers.opens("millrace-of-a-day-to-come", STATE, NOW_MS + 86_400_000);
        transactions.reading(STATE);
        lookedForTwice();
        brokers.opens("millrace-of-the-next-owner", STATE, NOW_MS + 30_000);
        brokers.opens("millrace-a-1", STATE, NOW_MS);
        await(() -> brokers.fenced.contains("millrace-a-1"));
        lookedForTwice();
        assertEquals(Set.of("millrace-a-1"), brokers.fenced);
    }

    @Test
    void oncePartitionsAreReadNothingOfTheirsIsAborted() {
        transactions.reading(STATE);
        transactions.reading(OTHER);
        transactions.read(STATE);
        brokers.opens("millrace-a-1", STATE, NOW_MS);
        brokers.opens("millrace-a-2", OTHER, NOW_MS);
        await(() -> brokers.fenced.contains("millrace-a-2"));
        lookedForTwice();
        assertEquals(Set.of("millrace-a-2"), brokers.fenced);
    }
}

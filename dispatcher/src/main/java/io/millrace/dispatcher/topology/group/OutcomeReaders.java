package io.millrace.dispatcher.topology.group;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Looks for recorded outcomes of many partitions with a few threads, in the order in which it is asked. A node that gets all partitions at
 * once would have as many threads otherwise, with two consumers each. Each thread keeps its consumers for the next partition, which is
 * quicker than making new ones, and they go a moment after the last. A look that has to wait comes round again, be it for somebody's
 * transaction or for a partition that has no leader, and holds up no other for long. Any thread.
 */
final class OutcomeReaders implements AutoCloseable {

    static final int THREADS = 4;

    private static final Duration IDLE = Duration.ofSeconds(5);
    private static final long LOOK_AGAIN_MS = 20;

    /** It doubles with each round, for a Kafka that takes seconds for each request. */
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(1);

    private final Supplier<OutcomeConsumers> made;
    private final ThreadLocal<@Nullable OutcomeConsumers> own = new ThreadLocal<>();
    private final ScheduledThreadPoolExecutor threads;
    /** By numbers. */
    private final Map<Long, CompletableFuture<?>> open = new ConcurrentHashMap<>();

    private final AtomicLong numbers = new AtomicLong();

    /** What is looked for, on one of the threads. */
    interface Look<T> {

        /**
         * @param patience how long Kafka may show nothing this time
         * @throws OpenTransactionException it is not known yet which records are committed
         * @throws TimeoutException Kafka showed nothing for as long as that
         * @throws InterruptedException nobody needs it any more
         */
        T look(OutcomeConsumers consumers, Duration patience) throws OpenTransactionException, InterruptedException;
    }

    /** Somebody's transaction that has to do with what is read is open. */
    static final class OpenTransactionException extends Exception {

        private static final long serialVersionUID = 1L;

        OpenTransactionException(String message) {
            super(message, null, false, false);
        }
    }

    /** @param made makes the consumers of a thread */
    OutcomeReaders(Supplier<OutcomeConsumers> made) {
        this(made, IDLE);
    }

    /** @param idle how long threads and consumers stay without a partition */
    OutcomeReaders(Supplier<OutcomeConsumers> made, Duration idle) {
        this.made = made;
        AtomicInteger started = new AtomicInteger();
        threads = new ScheduledThreadPoolExecutor(
                THREADS,
                work -> Thread.ofPlatform()
                        .name("millrace-unseen-outcomes-" + started.getAndIncrement() % THREADS)
                        .daemon(true)
                        .unstarted(() -> {
                            try {
                                work.run();
                            } finally {
                                Thread.interrupted(); // at the end, a consumer would not close in order
                                closeOwn();
                            }
                        }));
        threads.setKeepAliveTime(idle.toNanos(), TimeUnit.NANOSECONDS);
        threads.allowCoreThreadTimeOut(true);
        threads.setRemoveOnCancelPolicy(true);
    }

    /**
     * Begins to look.
     *
     * @param patienceNanos how long it may come round again
     * @return what came of it. Cancelled, it is not looked for again
     */
    <T> CompletableFuture<T> look(Look<T> look, long patienceNanos) {
        CompletableFuture<T> found = new CompletableFuture<>();
        long number = numbers.getAndIncrement();
        open.put(number, found);
        found.whenComplete((what, failure) -> open.remove(number));
        after(0, found, look, System.nanoTime() + patienceNanos, FIRST_PATIENCE);
        return found;
    }

    private <T> void after(long delayMs, CompletableFuture<T> found, Look<T> look, long untilNanos, Duration patience) {
        try {
            threads.schedule(() -> now(found, look, untilNanos, patience), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            found.cancel(false);
        }
    }

    private <T> void now(CompletableFuture<T> found, Look<T> look, long untilNanos, Duration patience) {
        if (found.isDone()) {
            return;
        }
        OutcomeConsumers consumers = own.get();
        if (consumers == null) {
            consumers = made.get();
            own.set(consumers);
        }
        try {
            found.complete(look.look(consumers, patience));
        } catch (OpenTransactionException open) {
            again(new TimeoutException(open.getMessage()), found, look, untilNanos, patience);
        } catch (TimeoutException notShown) {
            again(notShown, found, look, untilNanos, patience.multipliedBy(2));
        } catch (Throwable e) {
            try {
                closeOwn(); // nobody knows what state they are in
            } catch (RuntimeException alsoThen) {
                e.addSuppressed(alsoThen);
            } finally {
                found.completeExceptionally(e);
            }
        }
    }

    private <T> void again(
            TimeoutException why, CompletableFuture<T> found, Look<T> look, long untilNanos, Duration patience) {
        if (System.nanoTime() - untilNanos < 0) {
            after(LOOK_AGAIN_MS, found, look, untilNanos, patience);
        } else {
            found.completeExceptionally(why);
        }
    }

    private void closeOwn() {
        OutcomeConsumers consumers = own.get();
        own.remove();
        if (consumers != null) {
            consumers.close();
        }
    }

    /** Ends what is under way, and cancels what nobody looks for any more. */
    @Override
    public void close() {
        threads.shutdownNow();
        open.values().forEach(found -> found.cancel(false));
    }
}

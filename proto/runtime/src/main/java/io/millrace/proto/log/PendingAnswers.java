package io.millrace.proto.log;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Callers that wait for an answer, of the dispatcher or of Kafka, by number. One sweep at intervals looks after all
 * deadlines, instead of a timer for each: nearly all answers come within milliseconds. Any thread.
 */
final class PendingAnswers<T> {

    /** How long an answer is still welcome after its caller gave up. */
    private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(90);

    /** One waiting caller, what takes an answer that comes too late for it, or null, and which answers are for it. */
    record PendingAnswer<T>(
            CompletableFuture<T> future,
            long deadlineNanos,
            Duration patience,
            @Nullable Consumer<T> late,
            Predicate<T> fits) {}

    /** What takes the answer to a command whose caller has given up, which answers those are, and until when. */
    private record Late<T>(Consumer<T> taker, Predicate<T> fits, long untilNanos) {}

    private final Map<Long, PendingAnswer<T>> waiters = new ConcurrentHashMap<>();
    private final Map<Long, Late<T>> late = new ConcurrentHashMap<>();
    /**
     * Begins at a random number. After a crash dispatchers answer again what the process before this one asked under
     * the same node name. None of those answers may be taken for an answer to this process.
     */
    private final AtomicLong numbers =
            new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 62));

    private final Function<Duration, RuntimeException> timeout;
    private volatile @Nullable RuntimeException closed;

    /** @param timeout makes the failure for a caller that has waited for so long in vain */
    PendingAnswers(Function<Duration, RuntimeException> timeout) {
        this.timeout = timeout;
    }

    /**
     * @param patience how long the future waits
     * @param late takes an answer that comes after the future failed for lack of one; null: nobody does
     * @param fits which answers of that number are for the caller; others are dropped
     * @return number under which the future will be completed
     */
    long await(
            CompletableFuture<T> future,
            Duration patience,
            long nowNanos,
            @Nullable Consumer<T> late,
            Predicate<T> fits) {
        long number = numbers.incrementAndGet();
        waiters.put(number, new PendingAnswer<>(future, nowNanos + patience.toNanos(), patience, late, fits));
        RuntimeException reason = closed;
        if (reason != null && waiters.remove(number) != null) {
            future.completeExceptionally(reason);
        }
        return number;
    }

    /** Completes the waiter of this number, or hands the answer to what takes late ones. */
    void answer(long number, @Nullable T reply) {
        PendingAnswer<T> waiter = waiters.get(number);
        Late<T> tooLate = late.get(number);
        if (waiter != null && !waiter.fits().test(reply)
                || tooLate != null && !tooLate.fits().test(reply)) {
            return;
        }
        waiter = waiters.remove(number);
        tooLate = late.remove(number);
        if (waiter != null) {
            if (!waiter.future().complete(reply) && waiter.late() != null) {
                waiter.late().accept(reply);
            }
        } else if (tooLate != null) {
            tooLate.taker().accept(reply);
        }
    }

    /**
     * Tells the waiter of this number that its command could not be written. Kafka may have the command all the same,
     * so a late answer is still taken where one is welcome.
     */
    void fail(long number, RuntimeException failure) {
        PendingAnswer<T> waiter = waiters.get(number);
        if (waiter != null) {
            giveUp(number, waiter, failure);
        }
    }

    private void giveUp(long number, PendingAnswer<T> waiter, RuntimeException failure) {
        if (waiter.late() != null) {
            late.put(number, new Late<>(waiter.late(), waiter.fits(), waiter.deadlineNanos() + LATE_NANOS));
        }
        if (waiters.remove(number, waiter)) {
            waiter.future().completeExceptionally(failure);
        } else {
            late.remove(number); // it was answered at this moment
        }
    }

    /** Fails the waiters whose time is over, and forgets late answers that are no longer welcome. */
    void sweep(long nowNanos) {
        waiters.forEach((number, waiter) -> {
            if (nowNanos - waiter.deadlineNanos() >= 0) {
                giveUp(number, waiter, timeout.apply(waiter.patience()));
            }
        });
        late.values().removeIf(taker -> nowNanos - taker.untilNanos() >= 0);
    }

    /** Fails all waiters, also those to come. */
    void close(RuntimeException reason) {
        closed = reason;
        waiters.keySet().forEach(number -> fail(number, reason));
        late.clear();
    }

    /** @return callers that wait */
    int size() {
        return waiters.size();
    }
}

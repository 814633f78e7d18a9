package io.millrace.proto.log;

import io.millrace.proto.v1.ReplyRecord;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Callers that wait for an answer, by number. Deadlines are looked after by a sweep at intervals instead of a timer each,
 * since nearly all answers come within milliseconds. Any thread.
 */
final class PendingReplies {

    /** How long a late answer is still welcome, in longest waits. */
    private static final int LATE_FACTOR = 10;

    /** One waiting caller, and who takes an answer that comes too late for it, or null. */
    record Waiter(
            CompletableFuture<ReplyRecord> future,
            long deadlineNanos,
            Duration patience,
            Consumer<ReplyRecord> late) {}

    private final Map<Long, Waiter> waiters = new ConcurrentHashMap<>();
    /**
     * Begins anywhere: after a crash dispatchers answer again what the process before this one asked under the same node's
     * name, and none of that may be taken for an answer to what this one asks.
     */
    private final AtomicLong numbers = new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 62));
    private volatile RuntimeException closed;

    /**
     * @param patience how long the future waits
     * @param late takes an answer that comes after the future failed for want of one; null: nobody does
     * @return number under which the future will be completed
     */
    long await(
            CompletableFuture<ReplyRecord> future, Duration patience, long nowNanos, Consumer<ReplyRecord> late) {
        long number = numbers.incrementAndGet();
        waiters.put(number, new Waiter(future, nowNanos + patience.toNanos(), patience, late));
        RuntimeException reason = closed;
        if (reason != null && waiters.remove(number) != null) {
            future.completeExceptionally(reason);
        }
        return number;
    }

    /** Completes the waiter of the number; one that gave up is not there any more. */
    void answer(long number, ReplyRecord reply) {
        Waiter waiter = waiters.remove(number);
        if (waiter != null && !waiter.future().complete(reply) && waiter.late() != null) {
            waiter.late().accept(reply);
        }
    }

    /**
     * Lets the waiter of the number hear that its command could not be written. Kafka may have it all the same, so an answer
     * is still taken where a late one is welcome.
     */
    void fail(long number, RuntimeException failure) {
        Waiter waiter = waiters.get(number);
        if (waiter != null) {
            waiter.future().completeExceptionally(failure);
            if (waiter.late() == null) {
                waiters.remove(number);
            }
        }
    }

    /** Lets go of those whose time is over. */
    void sweep(long nowNanos) {
        waiters.forEach((number, waiter) -> {
            long over = nowNanos - waiter.deadlineNanos();
            if (over >= 0 && !waiter.future().isDone()) {
                waiter.future().completeExceptionally(unanswered(waiter.patience()));
            }
            if (over >= 0
                    && (waiter.late() == null || over >= waiter.patience().toNanos() * (LATE_FACTOR - 1))) {
                waiters.remove(number);
            }
        });
    }

    private static CommandLogException unanswered(Duration patience) {
        return new CommandLogException(
                "UNAVAILABLE: expected an answer of the dispatcher within " + patience.toMillis()
                        + " ms, but none came; the command may still take effect",
                true,
                null);
    }

    /** Lets all go, those to come included. */
    void close(RuntimeException reason) {
        closed = reason;
        waiters.keySet().forEach(number -> {
            fail(number, reason);
            waiters.remove(number);
        });
    }

    int size() {
        return waiters.size();
    }
}

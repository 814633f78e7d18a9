package io.millrace.notifier.queue;

import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Future.State;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A clock and a timer that stand still until a test lets time pass. What is due then happens in its order, on the
 * test's thread.
 */
public final class VirtualTime extends AbstractExecutorService implements ScheduledExecutorService {

    private final PriorityQueue<Due> dues = new PriorityQueue<>();
    private long nowNanos = TimeUnit.HOURS.toNanos(1);
    private long number;

    private final class Due extends FutureTask<Void> implements ScheduledFuture<Void> {
        private final long atNanos;
        private final long order = number++;

        private Due(Runnable task, long atNanos) {
            super(task, null);
            this.atNanos = atNanos;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(atNanos - nowNanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            Due that = (Due) other;
            return atNanos == that.atNanos ? Long.compare(order, that.order) : Long.compare(atNanos, that.atNanos);
        }
    }

    /** @return as {@link System#nanoTime} */
    public long nanos() {
        return nowNanos;
    }

    long ms() {
        return TimeUnit.NANOSECONDS.toMillis(nowNanos);
    }

    void in(long delayMs, Runnable task) {
        schedule(task, delayMs, TimeUnit.MILLISECONDS);
    }

    /** Lets so much time pass. */
    public void pass(long ms) {
        long end = nowNanos + TimeUnit.MILLISECONDS.toNanos(ms);
        while (!dues.isEmpty() && dues.peek().atNanos <= end) {
            next();
        }
        nowNanos = end;
    }

    /**
     * Lets time pass until the condition holds.
     *
     * @return whether it came to hold within so much time
     */
    boolean passUntil(BooleanSupplier condition, long mostMs) {
        long end = nowNanos + TimeUnit.MILLISECONDS.toNanos(mostMs);
        while (!condition.getAsBoolean() && !dues.isEmpty() && dues.peek().atNanos <= end) {
            next();
        }
        return condition.getAsBoolean();
    }

    private void next() {
        Due due = dues.poll();
        nowNanos = Math.max(nowNanos, due.atNanos);
        if (!due.isCancelled()) {
            due.run();
            if (due.state() == State.FAILED) {
                throw new AssertionError(due.exceptionNow());
            }
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        Due due = new Due(task, nowNanos + Math.max(0, unit.toNanos(delay)));
        dues.add(due);
        return due;
    }

    @Override
    public void execute(Runnable task) {
        schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("expected tasks without a result");
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long first, long period, TimeUnit unit) {
        throw new UnsupportedOperationException("expected tasks that happen once");
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException("expected tasks that happen once");
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}

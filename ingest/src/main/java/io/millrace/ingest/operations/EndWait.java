package io.millrace.ingest.operations;

import io.millrace.ingest.operations.EndOperations.Awaited;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One who waits for the end of an execution. It is over with the end, when the time is over, or when it is cancelled; then
 * nothing of it is left anywhere. Where the partition moves, it goes on with the new owner. Safe from any thread.
 */
final class EndWait {

    private static final long MIN_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MAX_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final WatchRequest request;
    private final Reads reads;
    private final ScheduledExecutorService timer;
    private final Supplier<CompletableFuture<Boolean>> isPast;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private long retryNanos = MIN_RETRY_NANOS;
    private @Nullable ExecutionWatch watch;
    private @Nullable Future<?> retry;

    /**
     * @param timer ends it, and watches again; does not wait
     * @param isPast asks whether it ended and left the stores
     */
    EndWait(Awaited awaited, Reads reads, ScheduledExecutorService timer, Supplier<CompletableFuture<Boolean>> isPast) {
        this.request = awaited.watch();
        this.reads = reads;
        this.timer = timer;
        this.isPast = isPast;
    }

    /** @return completes when it is over; may be cancelled */
    CompletableFuture<Void> begin(Duration longest) {
        Future<?> end;
        try {
            end = timer.schedule(() -> over.complete(null), longest.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException stopped) {
            return CompletableFuture.failedFuture(stops());
        }
        over.whenComplete((done, failure) -> {
            end.cancel(false);
            leave();
        });
        watch();
        return over;
    }

    private synchronized void watch() {
        if (over.isDone()) {
            return;
        }
        try {
            ExecutionWatch begun = reads.watch(request, this::told);
            watch = begun;
            begun.next();
        } catch (RuntimeException e) {
            over.completeExceptionally(e); // else nobody would watch, and the wait sit out its time
        }
    }

    /** Ends the wait as what is unavailable. */
    void stop() {
        over.completeExceptionally(stops());
    }

    private static UnavailableException stops() {
        return new UnavailableException("expected to wait for the end of the execution, but the server stops");
    }

    private synchronized void leave() {
        if (watch != null) {
            watch.close();
        }
        if (retry != null) {
            retry.cancel(false);
        }
    }

    private void told(WatchStep step) {
        switch (step.getEnd()) {
            case OPEN -> goOn();
            case ENDED -> over.complete(null);
            case UNKNOWN ->
                isPast.get().whenComplete((past, failure) -> {
                    if (failure != null) {
                        over.completeExceptionally(failure);
                    } else if (past) {
                        over.complete(null);
                    } else {
                        watchLater();
                    }
                });
            case MOVED, UNRECOGNIZED -> watchLater();
        }
    }

    /** Only a node of an earlier version tells anything but the end. */
    private synchronized void goOn() {
        retryNanos = MIN_RETRY_NANOS;
        if (watch != null) {
            watch.next();
        }
    }

    /** With jitter, so that those who wait for executions of a partition that moved do not come back all at once. */
    private synchronized void watchLater() {
        if (over.isDone()) {
            return;
        }
        if (watch != null) {
            watch.close();
            watch = null;
        }
        long pauseNanos = ThreadLocalRandom.current().nextLong(retryNanos / 2, retryNanos);
        retryNanos = Math.min(MAX_RETRY_NANOS, retryNanos * 2);
        try {
            retry = timer.schedule(this::watch, pauseNanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException stopped) {
            over.complete(null); // this node stops; how it stands is told instead
        }
    }
}

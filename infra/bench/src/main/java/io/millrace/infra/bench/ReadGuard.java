package io.millrace.infra.bench;

import io.grpc.Status;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Counts reads that went back. Such a read shows no workflow at all, or fewer events than were acknowledged, or seen by
 * another read, before it was made. Reads go to all nodes in turns. Any thread.
 */
final class ReadGuard {

    private static final String KIND = "bench-read-guard";
    private static final int SIGNAL_MS = 250;
    private static final int READ_MS = 50;
    /** A new history is begun at this length, before reading the old one becomes a load. */
    private static final int LONG_HISTORY = 500;

    private final Nodes nodes;
    private final ScheduledExecutorService timer;
    private final Consumer<Throwable> failed;
    private final AtomicInteger back = new AtomicInteger();
    private final AtomicLong reads = new AtomicLong();

    /** @param failed told of reads and signals that were refused */
    ReadGuard(Nodes nodes, ScheduledExecutorService timer, Consumer<Throwable> failed) {
        this.nodes = nodes;
        this.timer = timer;
        this.failed = failed;
    }

    int back() {
        return back.get();
    }

    long reads() {
        return reads.get();
    }

    /**
     * Reads a history that must have at least so many events.
     *
     * @return the number of events that it has
     */
    CompletableFuture<Integer> read(String id, long atLeast) {
        return nodes.call(client -> client.events(id)
                        .handle((history, failure) -> {
                            if (failure == null) {
                                return CompletableFuture.completedFuture(history.getEventsCount());
                            }
                            return Nodes.code(failure) == Status.Code.NOT_FOUND
                                    ? CompletableFuture.completedFuture(0)
                                    : CompletableFuture.<Integer>failedFuture(failure);
                        })
                        .thenCompose(answer -> answer))
                .whenComplete((events, failure) -> {
                    if (failure != null) {
                        failed.accept(failure);
                        return;
                    }
                    reads.incrementAndGet();
                    if (events < atLeast) {
                        back.incrementAndGet();
                    }
                });
    }

    /**
     * Starts a workflow under the key, which no worker runs; sends it signals, so that it grows; and reads it all the
     * time.
     */
    void watch(String key) {
        nodes.call(client -> client.startOnce(KIND, "read-guard", key)).whenComplete((id, failure) -> {
            if (failure != null) {
                failed.accept(failure);
                return;
            }
            AtomicLong floor = new AtomicLong(1);
            signal(id, floor);
            readOn(id, floor);
        });
    }

    private void signal(String id, AtomicLong floor) {
        if (floor.get() >= LONG_HISTORY) {
            return;
        }
        nodes.call(client -> client.signal(id)).whenComplete((answer, failure) -> {
            if (failure != null) {
                failed.accept(failure);
                return;
            }
            floor.accumulateAndGet(answer.getSignalEventSequence(), Math::max);
            later(() -> signal(id, floor), SIGNAL_MS);
        });
    }

    private void readOn(String id, AtomicLong floor) {
        read(id, floor.get()).thenAccept(events -> {
            floor.accumulateAndGet(events, Math::max);
            later(() -> readOn(id, floor), READ_MS);
        });
    }

    private void later(Runnable what, int millis) {
        if (!timer.isShutdown()) {
            timer.schedule(what, millis, TimeUnit.MILLISECONDS);
        }
    }
}

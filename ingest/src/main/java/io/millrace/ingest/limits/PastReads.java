package io.millrace.ingest.limits;

import io.millrace.proto.UnavailableException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets reads of the past through, a few at a time on the whole node: the events of many executions are in memory for each
 * until its state is made of them, about 100 MB at the most (60,000 events and 16 MiB of their data). An organisation has one under way. Its others
 * wait for that one, and organisations wait for each other in the order in which they came. Safe from any thread, never
 * blocks.
 */
public final class PastReads {

    private final Turnstile turnstile;
    private final Map<UUID, Turnstile.Lane> lanes = new ConcurrentHashMap<>();
    private final long longestWaitMs;

    /**
     * @param atOnce so many may be under way on this node, at least one
     * @param longestWaitMs how long one waits for its turn, milliseconds
     */
    PastReads(int atOnce, long longestWaitMs) {
        // All organisations draw on one share, which may have half of its pool.
        turnstile = new Turnstile(1, 0, new Pool(2L * atOnce).share());
        this.longestWaitMs = longestWaitMs;
    }

    /**
     * @param read begins it, when its turn has come, on any thread
     * @return what comes of it; fails with an {@link UnavailableException} where its turn does not come in time
     */
    public <T> CompletableFuture<T> inTurn(UUID orgId, Supplier<CompletableFuture<T>> read) {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        Turnstile.Ticket ticket =
                lanes.computeIfAbsent(orgId, id -> turnstile.lane()).ticket(1, () -> turn.complete(null));
        CompletableFuture<T> answer = turn.orTimeout(longestWaitMs, TimeUnit.MILLISECONDS)
                .exceptionally(late -> {
                    throw new UnavailableException("expected room for one more look at the past within " + longestWaitMs
                            + " ms, but others had it");
                })
                .thenCompose(passed -> read.get());
        answer.whenComplete((value, error) -> ticket.leave());
        ticket.enter();
        return answer;
    }
}

package io.millrace.infra.bench;

import io.grpc.Status;
import io.millrace.proto.Failures;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/**
 * The nodes as clients see them. There is one connection to each node, and calls go to the nodes in turns. If a call
 * fails only because a node is away, the next node gets the same call. Any thread.
 */
public final class Nodes implements AutoCloseable {

    /** Codes with which a call may fail because a node, or its Kafka, is away. */
    private static final Set<Status.Code> AWAY =
            Set.of(Status.Code.UNAVAILABLE, Status.Code.CANCELLED, Status.Code.DEADLINE_EXCEEDED);

    private static final long AGAIN_MS = 20;

    private final List<InetSocketAddress> addresses;
    private final ScheduledExecutorService timer;
    private final AtomicReferenceArray<BenchClient> clients;
    private final AtomicInteger turn = new AtomicInteger();
    private volatile boolean closed;

    /**
     * @param addresses of their gRPC
     * @param timer repeats calls; the caller closes it
     */
    public Nodes(List<InetSocketAddress> addresses, ScheduledExecutorService timer) {
        this.addresses = List.copyOf(addresses);
        this.timer = timer;
        clients = new AtomicReferenceArray<>(addresses.size());
        for (int node = 0; node < addresses.size(); node++) {
            back(node);
        }
    }

    /**
     * Ends all connections to the node and makes no new ones, as a load balancer does when it sees that the node is
     * gone.
     */
    public void away(int node) {
        BenchClient client = clients.getAndSet(node, null);
        if (client != null) {
            client.close();
        }
    }

    /** Makes a connection to a node that has come back. */
    public void back(int node) {
        BenchClient before = clients.getAndSet(node, connect(node));
        if (before != null) {
            before.close();
        }
    }

    /** @return whether the node may be called */
    public boolean isThere(int node) {
        return clients.get(node) != null;
    }

    /** @return the next node after this one that may be called */
    int next(int node) {
        for (int i = 1; i <= addresses.size(); i++) {
            int candidate = (node + i) % addresses.size();
            if (isThere(candidate)) {
                return candidate;
            }
        }
        throw new IllegalStateException("expected a node to be there, but there is none");
    }

    /** @return a new connection to the node; the caller closes it */
    public BenchClient connect(int node) {
        InetSocketAddress address = addresses.get(node);
        return new BenchClient(address.getHostString(), address.getPort());
    }

    /**
     * Repeats the call until it gets an answer.
     *
     * @return the answer; exceptionally if the call itself was refused
     */
    public <T> CompletableFuture<T> call(Function<BenchClient, CompletableFuture<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        attempt(call, next(turn.getAndIncrement() & Integer.MAX_VALUE), answer);
        return answer;
    }

    private <T> void attempt(Function<BenchClient, CompletableFuture<T>> call, int node, CompletableFuture<T> answer) {
        BenchClient client = clients.get(node);
        CompletableFuture<T> attempt = client == null
                ? CompletableFuture.failedFuture(Status.UNAVAILABLE.asRuntimeException())
                : call.apply(client);
        attempt.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else if (closed || !isAway(failure)) {
                answer.completeExceptionally(failure);
            } else {
                timer.schedule(() -> attempt(call, next(node), answer), AGAIN_MS, TimeUnit.MILLISECONDS);
            }
        });
    }

    /**
     * @return whether a call failed only because a node or its Kafka is away, so that the failure says nothing of the
     *     request
     */
    public static boolean isAway(Throwable failure) {
        return AWAY.contains(code(failure));
    }

    /** @return the code of a call's failure */
    public static Status.Code code(Throwable failure) {
        return Status.fromThrowable(Failures.cause(failure)).getCode();
    }

    @Override
    public void close() {
        closed = true;
        for (int node = 0; node < addresses.size(); node++) {
            away(node);
        }
    }
}

package io.millrace.infra.torture;

import io.millrace.infra.bench.BenchClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Connections through a balancer, used in turns. A call is made once: what fails there, a client has seen fail. Any thread. */
final class BalancedClients implements Clients, AutoCloseable {

    private final List<BenchClient> connections = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong longestMs = new AtomicLong();

    BalancedClients(int port, int count) {
        for (int i = 0; i < count; i++) {
            connections.add(new BenchClient("127.0.0.1", port));
        }
    }

    @Override
    public <T> CompletableFuture<T> call(Function<BenchClient, CompletableFuture<T>> call) {
        long begun = System.nanoTime();
        calls.incrementAndGet();
        return call.apply(connections.get(Math.floorMod(turn.getAndIncrement(), connections.size())))
                .whenComplete((answer, failure) -> {
                    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
                    longestMs.accumulateAndGet(took, Math::max);
                });
    }

    /** @return how many calls were made */
    long calls() {
        return calls.get();
    }

    /** @return how long the longest took until now, milliseconds */
    long longestMs() {
        return longestMs.get();
    }

    @Override
    public void close() {
        connections.forEach(BenchClient::close);
    }
}

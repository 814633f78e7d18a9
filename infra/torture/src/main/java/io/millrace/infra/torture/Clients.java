package io.millrace.infra.torture;

import io.millrace.infra.bench.BenchClient;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** How orders make their calls. Any thread. */
interface Clients {

    /** @return the answer of the call; exceptionally if it failed */
    <T> CompletableFuture<T> call(Function<BenchClient, CompletableFuture<T>> call);
}

package io.millrace.infra.bench;

import io.millrace.infra.embedded.DevServer;
import io.millrace.proto.Shards;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How long a single server with many open workflows is away when it is killed and started again at once. It is the
 * whole of {@code millrace dev}, with Kafka and PostgreSQL in it. It is back when it says that it is ready, and has
 * answered a read and a start on each partition.
 */
public final class RestartBench implements ProcessBench {

    private static final String KIND = "bench-restart";
    private static final int PARTITIONS = DevServer.PARTITIONS;
    private static final int AT_A_TIME = 256;
    private static final int SETTLE_MS = 3_000;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("bench-restart").daemon(true).factory());
    /** One workflow of each partition, for the reads. */
    private final AtomicReferenceArray<String> samples = new AtomicReferenceArray<>(PARTITIONS);

    @Override
    public Report run(BenchOptions options, Path folder) throws Exception {
        Report report = Report.ofProcesses(
                "restart",
                "millrace dev with " + options.count()
                        + " open workflows: killed → ready, and a read and a start acknowledged"
                        + " on each partition");
        List<String> arguments = List.of("dev", "--data", folder.resolve("data").toString());
        try (MeasuredNode process = new MeasuredNode(folder.resolve("server.log"), arguments)) {
            process.start();
            process.awaitReady();
            open(options.count(), process);
            for (int round = 0; round < options.rounds(); round++) {
                Thread.sleep(SETTLE_MS); // so that nothing is left to do from the round before
                restart(process, report, round);
            }
        } finally {
            timer.shutdownNow();
        }
        return report;
    }

    private void open(int count, MeasuredNode process) throws InterruptedException {
        Semaphore room = new Semaphore(AT_A_TIME);
        CompletableFuture<Void> failed = new CompletableFuture<>();
        try (BenchClient client = new BenchClient("127.0.0.1", process.grpcPort())) {
            for (int i = 0; i < count; i++) {
                room.acquire();
                client.start(KIND, "bench-restart").whenComplete((id, failure) -> {
                    if (failure != null) {
                        failed.completeExceptionally(failure);
                    } else {
                        samples.set(Shards.partition(UUID.fromString(id), PARTITIONS), id);
                    }
                    room.release();
                });
            }
            room.acquire(AT_A_TIME);
        }
        if (failed.isCompletedExceptionally()) {
            throw new IllegalStateException(
                    "expected every start to be acknowledged, but one was not", failed.exceptionNow());
        }
    }

    private void restart(MeasuredNode process, Report report, int round) throws Exception {
        process.kill();
        long begun = System.nanoTime();
        process.start();
        CompletableFuture<?>[] calls = new CompletableFuture<?>[PARTITIONS * 2];
        try (Nodes nodes = new Nodes(List.of(process.grpc()), timer)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                String known = samples.get(partition);
                String key = key(round, partition);
                calls[partition] =
                        nodes.call(client -> client.events(known)).thenRun(() -> note(report, "read", begun));
                calls[PARTITIONS + partition] = nodes.call(client -> client.startOnce(KIND, "bench-restart", key))
                        .thenRun(() -> note(report, "start", begun));
            }
            process.awaitReady();
            note(report, "ready", begun);
            CompletableFuture.allOf(calls).join();
            note(report, "all of it", begun);
            report.add("CPU until then", "s", process.cpuSeconds());
        }
    }

    /** @return a key of the partition */
    private static String key(int round, int partition) {
        UUID org = UUID.fromString(BenchClient.ORG);
        for (int i = 0; ; i++) {
            String key = "restart-" + round + '-' + i;
            if (Shards.partition(Shards.of(org, key), PARTITIONS) == partition) {
                return key;
            }
        }
    }

    private static synchronized void note(Report report, String figure, long begun) {
        report.add("killed → " + figure, "s", (System.nanoTime() - begun) / 1e9);
    }
}

package io.millrace.infra.bench;

import io.millrace.infra.embedded.CommandKeys;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.embedded.NodeFile;
import io.millrace.proto.directory.KafkaDirectory;
import io.millrace.proto.directory.KafkaDirectoryConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How long work stands still when one of three nodes is killed, stops in order or sleeps: the work of its own
 * partitions, and that of the others. Also whether a read goes back meanwhile. Clients are told at once that a node is
 * away, as a load balancer in front of the nodes would tell them.
 */
public final class FailoverBench implements ProcessBench {

    private static final int NODES = 3;
    private static final int PARTITIONS = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    /** Time for all effects of a node's end, or of its return, to show. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(3);

    private static final Duration ASLEEP = Duration.ofSeconds(12);

    /** What happens to a node. */
    private enum Hit {
        KILLED("kill -9"),
        STOPPED("stopped in order"),
        ASLEEP("asleep for " + FailoverBench.ASLEEP.toSeconds() + " s");

        private final String text;

        Hit(String text) {
            this.text = text;
        }
    }

    private final List<MeasuredNode> processes = new ArrayList<>();

    @Override
    public Report run(BenchOptions options, Path folder) throws Exception {
        Report report = Report.ofProcesses(
                "failover",
                NODES + " nodes, " + PARTITIONS + " partitions, one of them hit: longest time without work done, of its"
                        + " partitions and of the others; a workflow every " + Pulse.INTERVAL.toMillis()
                        + " ms on each");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0)) {
            InstallationTopics.make(kafka.access(), PARTITIONS);
            try (KafkaDirectory directory = directory(kafka.access())) {
                for (int node = 0; node < NODES; node++) {
                    processes.add(new MeasuredNode(
                            folder.resolve(name(node) + ".log"), arguments(folder, node, kafka.access())));
                    processes.get(node).start();
                }
                for (MeasuredNode process : processes) {
                    process.awaitReady();
                }
                measure(options, report, directory);
            } finally {
                for (MeasuredNode process : processes) {
                    process.close();
                }
            }
        }
        return report;
    }

    private static KafkaDirectory directory(KafkaAccess kafka) {
        return new KafkaDirectory(KafkaDirectoryConfig.defaults(kafka.clients()));
    }

    private static String name(int node) {
        return "node-" + node;
    }

    private static List<String> arguments(Path folder, int node, KafkaAccess kafka) throws Exception {
        Path file = NodeFile.write(
                folder.resolve(name(node)),
                kafka,
                Map.of(
                        "server.node", name(node),
                        "topics.partitions", String.valueOf(PARTITIONS),
                        "commands.mac.key_file", CommandKeys.in(folder).toString()));
        return List.of("server", "--config", file.toString());
    }

    private void measure(BenchOptions options, Report report, KafkaDirectory directory) throws Exception {
        List<Integer> ports = processes.stream().map(MeasuredNode::grpcPort).toList();
        try (Pulse pulse = new Pulse(ports, PARTITIONS)) {
            pulse.begin();
            Thread.sleep(Duration.ofSeconds(options.warmUp()));
            int victim = 0;
            for (int round = 0; round < options.rounds(); round++) {
                for (Hit hit : Hit.values()) {
                    int node = victim++ % NODES;
                    awaitShared(directory, pulse);
                    hit(hit, node, report, directory, pulse);
                }
            }
            report.add("reads of all rounds", "number", pulse.reads());
            report.add("reads of all rounds", "went back", pulse.readsBack());
        }
    }

    /** Each node has partitions, and work flows on all of them. */
    private void awaitShared(KafkaDirectory directory, Pulse pulse) throws InterruptedException {
        await(
                pulse,
                "each node to have partitions",
                () -> IntStream.range(0, NODES)
                                .noneMatch(node -> owned(directory, node).isEmpty())
                        && IntStream.range(0, NODES)
                                        .map(node -> owned(directory, node).size())
                                        .sum()
                                == PARTITIONS);
        long shared = System.nanoTime();
        await(pulse, "every workflow to end", () -> pulse.throughBefore(shared));
    }

    private static Set<Integer> owned(KafkaDirectory directory, int node) {
        return IntStream.range(0, PARTITIONS)
                .filter(partition -> directory
                        .dispatcherOf(partition)
                        .filter(owner -> owner.getNode().equals(name(node)))
                        .isPresent())
                .boxed()
                .collect(Collectors.toSet());
    }

    private void hit(Hit hit, int node, Report report, KafkaDirectory directory, Pulse pulse) throws Exception {
        Set<Integer> own = owned(directory, node);
        MeasuredNode process = processes.get(node);
        pulse.forget();
        switch (hit) {
            case KILLED -> {
                process.kill();
                pulse.away(node);
            }
            case STOPPED -> {
                process.stop();
                process.awaitEnd();
                pulse.away(node);
            }
            case ASLEEP -> {
                process.sleep();
                pulse.away(node);
                Thread.sleep(ASLEEP);
                process.wake();
            }
        }
        long over = System.nanoTime();
        await(
                pulse,
                "work of every partition to flow again",
                () -> IntStream.range(0, PARTITIONS).allMatch(partition -> pulse.lastNanos(partition) > over));
        Thread.sleep(AFTERWARDS);
        note(report, hit.text, own, pulse);
        await(pulse, "every workflow to end", () -> pulse.throughBefore(over));
        report.add(hit.text, "slowest workflow ms", pulse.slowestMs());

        pulse.forget();
        if (hit != Hit.ASLEEP) {
            process.start();
            process.awaitReady();
        }
        pulse.back(node);
        awaitShared(directory, pulse);
        Thread.sleep(AFTERWARDS);
        report.add(hit.text, "worst pause as it returns ms", worst(pulse, p -> true));
    }

    private static void note(Report report, String row, Set<Integer> own, Pulse pulse) {
        own.forEach(partition -> report.add(row, "its partitions, pause ms", pulse.pauseMs(partition)));
        report.add(row, "worst of the others ms", worst(pulse, partition -> !own.contains(partition)));
    }

    private static double worst(Pulse pulse, IntPredicate which) {
        return IntStream.range(0, PARTITIONS)
                .filter(which)
                .mapToDouble(pulse::pauseMs)
                .max()
                .orElseThrow();
    }

    private static void await(Pulse pulse, String what, BooleanSupplier met) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!met.getAsBoolean()) {
            pulse.check();
            if (System.nanoTime() > end) {
                throw new IllegalStateException("expected " + what + " within " + PATIENCE.toSeconds()
                        + " s, but there are " + pulse.describe());
            }
            Thread.sleep(20);
        }
    }
}

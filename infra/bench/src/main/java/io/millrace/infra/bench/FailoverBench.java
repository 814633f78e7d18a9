package io.millrace.infra.bench;

import io.millrace.infra.embedded.CommandKeys;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.embedded.KafkaCluster;
import io.millrace.infra.embedded.NodeFile;
import io.millrace.proto.directory.KafkaDirectory;
import io.millrace.proto.directory.KafkaDirectoryConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How long work stands still when one of three nodes is killed, stops in order or sleeps, or a broker or both on one
 * machine: the work of its own partitions, and that of the others. Also whether a read goes back meanwhile. Clients are told at once that a node is
 * away, as a load balancer in front of the nodes would tell them.
 */
public final class FailoverBench implements ProcessBench {

    private static final int NODES = 3;
    private static final int PARTITIONS = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    /** Time for all effects of a node's end, or of its return, to show. */
    private static final Duration AFTERWARDS = Duration.ofSeconds(3);

    private static final Duration ASLEEP = Duration.ofSeconds(12);

    /** What happens to a node, to a broker, or to both. */
    private enum Hit {
        KILLED("kill -9"),
        STOPPED("stopped in order"),
        ASLEEP("asleep for " + FailoverBench.ASLEEP.toSeconds() + " s"),
        BROKER_KILLED("kill -9 of a broker"),
        BROKER_STOPPED("a broker stopped in order"),
        MACHINE_KILLED("kill -9 of a broker and a node");

        private static final List<Hit> OF_NODES = List.of(KILLED, STOPPED, ASLEEP);
        private static final List<Hit> OF_MACHINES =
                List.of(MACHINE_KILLED, KILLED, BROKER_KILLED, STOPPED, BROKER_STOPPED);

        private final String text;

        Hit(String text) {
            this.text = text;
        }

        private boolean takesNode() {
            return this != BROKER_KILLED && this != BROKER_STOPPED;
        }

        private boolean takesBroker() {
            return this == BROKER_KILLED || this == BROKER_STOPPED || this == MACHINE_KILLED;
        }
    }

    private final boolean machines;
    private final List<MeasuredNode> processes = new ArrayList<>();
    /** Only of machines. */
    private @Nullable Brokers brokers;

    /** @param machines whether each node has a broker beside it; otherwise there is one, in this process */
    public FailoverBench(boolean machines) {
        this.machines = machines;
    }

    @Override
    public Report run(BenchOptions options, Path folder) throws Exception {
        Report report = Report.ofProcesses(
                machines ? "machines" : "failover",
                NODES + " nodes, " + (machines ? "a broker beside each, " : "") + PARTITIONS
                        + " partitions, one of them hit: longest time without work done, of its"
                        + " partitions and of the others; a workflow every " + Pulse.INTERVAL.toMillis()
                        + " ms on each");
        if (machines) {
            try (Brokers started = Brokers.start(folder, NODES)) {
                brokers = started;
                run(options, folder, report, started.access());
            }
        } else {
            try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0)) {
                run(options, folder, report, kafka.access());
            }
        }
        return report;
    }

    private void run(BenchOptions options, Path folder, Report report, KafkaAccess kafka) throws Exception {
        int count = machines ? NODES : 1;
        InstallationTopics.make(kafka, PARTITIONS, KafkaCluster.copies(count), KafkaCluster.inSync(count));
        try (KafkaDirectory directory = directory(kafka)) {
            for (int node = 0; node < NODES; node++) {
                processes.add(
                        new MeasuredNode(folder.resolve(name(node) + ".log"), arguments(folder, node, kafka, count)));
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

    private static KafkaDirectory directory(KafkaAccess kafka) {
        return new KafkaDirectory(KafkaDirectoryConfig.defaults(kafka.clients()));
    }

    private static String name(int node) {
        return "node-" + node;
    }

    private static List<String> arguments(Path folder, int node, KafkaAccess kafka, int brokers) throws Exception {
        Path file = NodeFile.write(
                folder.resolve(name(node)),
                kafka,
                Map.of(
                        "server.node", name(node),
                        "topics.partitions", String.valueOf(PARTITIONS),
                        "topics.replication_factor", String.valueOf(KafkaCluster.copies(brokers)),
                        "topics.min_insync_replicas", String.valueOf(KafkaCluster.inSync(brokers)),
                        "commands.mac.key_file", CommandKeys.in(folder).toString()));
        return List.of("server", "--config", file.toString());
    }

    private void measure(BenchOptions options, Report report, KafkaDirectory directory) throws Exception {
        List<InetSocketAddress> addresses =
                processes.stream().map(MeasuredNode::grpc).toList();
        try (Pulse pulse = new Pulse(addresses, PARTITIONS)) {
            pulse.begin();
            Thread.sleep(Duration.ofSeconds(options.warmUp()));
            int victim = 0;
            for (int round = 0; round < options.rounds(); round++) {
                for (Hit hit : machines ? Hit.OF_MACHINES : Hit.OF_NODES) {
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
            case BROKER_KILLED -> brokers().kill(node);
            case BROKER_STOPPED -> brokers().stop(node);
            case MACHINE_KILLED -> {
                brokers().kill(node);
                process.kill();
                pulse.away(node);
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
        if (hit.takesBroker()) {
            brokers().start(node);
        }
        if (hit.takesNode() && hit != Hit.ASLEEP) {
            process.start();
            process.awaitReady();
        }
        if (hit.takesNode()) {
            pulse.back(node);
        }
        if (hit.takesBroker()) {
            brokers().awaitInSync();
        }
        awaitShared(directory, pulse);
        Thread.sleep(AFTERWARDS);
        report.add(hit.text, "worst pause as it returns ms", worst(pulse, p -> true));
    }

    private Brokers brokers() {
        return Objects.requireNonNull(brokers, "brokers, where there are machines");
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

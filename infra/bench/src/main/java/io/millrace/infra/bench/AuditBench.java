package io.millrace.infra.bench;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.server.CloseStack;
import io.millrace.ingest.audit.keys.KeyFile;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.audit.keys.SigningKey.Purpose;
import io.millrace.ingest.audit.notary.ExecutionProof;
import io.millrace.ingest.audit.notary.LogState;
import io.millrace.ingest.audit.notary.Notary;
import io.millrace.ingest.audit.notary.NotaryConfig;
import io.millrace.ingest.audit.notary.NotaryDatabase;
import io.millrace.ingest.audit.notary.TransparencyLogs;
import io.millrace.ingest.audit.notary.WitnessAddress;
import io.millrace.ingest.audit.proof.ProofFile;
import io.millrace.ingest.audit.tlog.VerifierKey;
import io.millrace.ingest.audit.witness.Witness;
import io.millrace.ingest.audit.witness.WitnessServer;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What proofs cost, and how fast they are made and checked. Two installations are under load in turns; one of them has
 * MACs of commands, transparency logs and a witness. Then a notary makes the logs of that one again from their first
 * outcome.
 */
public final class AuditBench implements ProcessBench {

    private static final String PLAIN = "without proofs";
    private static final String PROVED = "with MACs, notary and one witness";
    private static final String ORIGIN = "bench.example/millrace";
    private static final int NOTIFY_RATE = 100;
    private static final int EVENTS = 1_000;
    private static final long SAMPLE_MS = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final CloseStack parts = new CloseStack();

    @Override
    public Report run(BenchOptions options, Path folder) throws Exception {
        Report report = new Report(
                "audit",
                "closed loop of no-op workflows and start → notification, with proofs and without, in turns; the notary behind a"
                        + " full log; proofs of an execution of " + EVENTS + " events");
        try {
            List<SigningKey> keys = KeyFile.create(folder.resolve("log.pem"), KeyFile.known());
            WitnessAddress witness = witness(folder, keys);
            AuditInstallation plain = parts.push(
                    PLAIN, new AuditInstallation(folder.resolve("plain"), Map.of("commands.mac.mode", "off")));
            AuditInstallation proved = parts.push(
                    PROVED,
                    new AuditInstallation(
                            folder.resolve("proved"),
                            Map.of(
                                    "audit.key_file", folder.resolve("log.pem").toString(),
                                    "audit.origin", ORIGIN,
                                    "audit.witnesses", witness.toString())));
            NotaryConfig config = config(proved, proved.database(), keys, ORIGIN, witness);
            NotaryDatabase database = parts.push("database", new NotaryDatabase(config.database()));
            TransparencyLogs logs = new TransparencyLogs("expected the benchmark to open them");
            logs.open(config, database);

            throughput(options, report, plain, proved, logs);
            notifications(options, report, plain, proved);
            proofs(options, report, proved, logs);
            long leaves = settled(logs);
            proved.stopServer();
            fromTheBeginning(options, report, proved, keys, leaves);
        } finally {
            parts.close();
        }
        return report;
    }

    private WitnessAddress witness(Path folder, List<SigningKey> keys) {
        List<SigningKey> own = KeyFile.create(folder.resolve("witness.pem"), KeyFile.known());
        List<VerifierKey> logs = IntStream.range(0, DevServer.PARTITIONS)
                .boxed()
                .flatMap(partition -> keys.stream()
                        .map(key -> key.signer(ORIGIN + "/" + partition, Purpose.LOG)
                                .key()))
                .toList();
        Witness witness = new Witness("bench.example/witness", own, logs, folder.resolve("witness"), Clock.systemUTC());
        WitnessServer server = parts.push("witness", new WitnessServer(witness, "127.0.0.1", 0));
        return new WitnessAddress(witness.keys().getFirst(), URI.create("http://127.0.0.1:" + server.port()));
    }

    private static NotaryConfig config(
            AuditInstallation installation,
            DatabaseSettings settings,
            List<SigningKey> keys,
            String origin,
            WitnessAddress... witnesses) {
        ReadModelConfig database = settings.readModel(new ClientSettings(
                installation.kafka().bootstrapServers(), installation.kafka().properties()));
        return new NotaryConfig(
                database, DevServer.PARTITIONS, origin, keys, Duration.ofSeconds(10), 0, List.of(witnesses));
    }

    private static void throughput(
            BenchOptions options,
            Report report,
            AuditInstallation plain,
            AuditInstallation proved,
            TransparencyLogs logs)
            throws Exception {
        for (int inFlight : options.inFlight()) {
            for (int round = 0; round <= options.rounds(); round++) {
                double without = perSecond(plain, "plain-" + inFlight + "-" + round, inFlight, options.seconds(round));
                double with;
                List<Double> behind = new ArrayList<>();
                try (Behind sampler = new Behind(proved, logs, behind)) {
                    with = perSecond(proved, "proved-" + inFlight + "-" + round, inFlight, options.seconds(round));
                }
                if (round > 0) {
                    report.add(inFlight + " in flight, " + PLAIN, "workflows/s", without);
                    report.add(inFlight + " in flight, " + PROVED, "workflows/s", with);
                    report.add(inFlight + " in flight, " + PROVED, "of those without %", 100 * with / without);
                    report.add(
                            inFlight + " in flight, " + PROVED,
                            "logs behind, most s",
                            behind.stream().mapToDouble(d -> d).max().orElseThrow());
                }
            }
        }
    }

    private static double perSecond(AuditInstallation installation, String queue, int inFlight, int seconds)
            throws InterruptedException {
        try (NoOpLoop loop = new NoOpLoop(installation.client(), queue, inFlight)) {
            loop.start();
            loop.measure(1); // until it runs evenly
            return loop.measure(seconds).perSecond();
        }
    }

    private static void notifications(
            BenchOptions options, Report report, AuditInstallation plain, AuditInstallation proved)
            throws InterruptedException {
        try (NotifyBench.Subscribers without = new NotifyBench.Subscribers(plain.client());
                NotifyBench.Subscribers with = new NotifyBench.Subscribers(proved.client())) {
            for (int round = 0; round <= options.rounds(); round++) {
                Latencies ofPlain = without.measure(NOTIFY_RATE, options.seconds(), round == 0);
                Latencies ofProved = with.measure(NOTIFY_RATE, options.seconds(), round == 0);
                if (round > 0) {
                    ofPlain.report(report, "start → notified, " + PLAIN);
                    ofProved.report(report, "start → notified, " + PROVED);
                    report.add(
                            "start → notified, " + PROVED,
                            "p50 of that without %",
                            100 * ofProved.millis(50) / ofPlain.millis(50));
                }
            }
        }
    }

    /** Again and again, makes and checks a file of proofs of an execution with many events. */
    private static void proofs(BenchOptions options, Report report, AuditInstallation proved, TransparencyLogs logs)
            throws Exception {
        String id = proved.client().start("bench-audit", "bench-audit").join();
        CompletableFuture<?>[] signals = new CompletableFuture<?>[EVENTS];
        for (int i = 0; i < EVENTS; i++) {
            signals[i] = proved.client().signal(id);
        }
        CompletableFuture.allOf(signals).join();
        List<VerifierKey> keys = logs.keys();
        for (int round = 0; round <= options.rounds(); round++) {
            long begun = System.nanoTime();
            StringBuilder file = new StringBuilder();
            Optional<ExecutionProof> proof = logs.prove(UUID.fromString(BenchClient.ORG), UUID.fromString(id));
            while (proof.isEmpty()) {
                Thread.sleep(SAMPLE_MS); // the read model must hear of it first
                begun = System.nanoTime();
                proof = logs.prove(UUID.fromString(BenchClient.ORG), UUID.fromString(id));
            }
            try (ExecutionProof found = proof.get()) {
                found.write(line -> file.append(line).append('\n'));
            }
            double made = (System.nanoTime() - begun) / 1e9;
            long checking = System.nanoTime();
            long events = 0;
            int verifications = 0;
            byte[] bytes = file.toString().getBytes(StandardCharsets.UTF_8);
            for (long end = checking + options.seconds(round) * 1_000_000_000L;
                    System.nanoTime() < end;
                    verifications++) {
                events += verify(bytes, keys);
            }
            double checked = (System.nanoTime() - checking) / 1e9;
            if (round > 0) {
                report.add("file of proofs", "made in s", made);
                report.add("file of proofs", "events", (double) events / verifications);
                report.add("file of proofs", "MB", bytes.length / 1e6);
                report.add("file of proofs", "events/s checked", events / checked);
            }
        }
    }

    private static long verify(byte[] file, List<VerifierKey> keys) throws IOException {
        return ProofFile.verify(new ByteArrayInputStream(file), keys, List.of())
                .verdict()
                .events();
    }

    /**
     * Waits until the logs stop growing.
     *
     * @return leaves of all logs
     */
    private static long settled(TransparencyLogs logs) throws InterruptedException {
        long before = -1;
        long now = leaves(logs);
        while (now != before) {
            Thread.sleep(2_000);
            before = now;
            now = leaves(logs);
        }
        return now;
    }

    private static long leaves(TransparencyLogs logs) {
        return logs.states().stream().mapToLong(LogState::size).sum();
    }

    /** A notary whose database is empty makes all leaves again. */
    private static void fromTheBeginning(
            BenchOptions options, Report report, AuditInstallation proved, List<SigningKey> keys, long leaves)
            throws Exception {
        for (int round = 0; round <= options.rounds(); round++) {
            String name = "again" + round;
            NotaryConfig config =
                    config(proved, ReadModelBench.makeDatabase(proved.database(), name), keys, ORIGIN + "/" + name);
            try (NotaryDatabase database = new NotaryDatabase(config.database())) {
                TransparencyLogs logs = new TransparencyLogs("expected the benchmark to open them");
                logs.open(config, database);
                long begun = System.nanoTime();
                try (Notary notary = new Notary(config, database, Map.of(), Clock.systemUTC())) {
                    notary.start();
                    long joined = 0;
                    while (leaves(logs) < leaves) {
                        if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                            throw new IllegalStateException(
                                    "expected " + leaves + " leaves, but there are " + leaves(logs));
                        }
                        Thread.sleep(20);
                        if (joined == 0 && leaves(logs) > 0) {
                            joined = System.nanoTime();
                        }
                    }
                    if (round > 0) {
                        report.add("notary behind a full log", "leaves", leaves);
                        report.add(
                                "notary behind a full log", "leaves/s", leaves / ((System.nanoTime() - joined) / 1e9));
                    }
                }
            }
        }
    }

    /** Samples how long the notary takes until it has everything that was committed at a moment. */
    private static final class Behind implements AutoCloseable {

        private final Thread thread;
        private volatile boolean running = true;

        /** @param seconds gets the samples; read it only once this is closed */
        Behind(AuditInstallation installation, TransparencyLogs logs, List<Double> seconds) {
            thread = Thread.ofPlatform().name("bench-behind").daemon(true).start(() -> {
                Map<String, Object> settings = installation.kafka().client(Map.of("isolation.level", "read_committed"));
                try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                    List<TopicPartition> partitions = IntStream.range(0, DevServer.PARTITIONS)
                            .mapToObj(partition -> new TopicPartition(Topics.EVENTS, partition))
                            .toList();
                    while (running) {
                        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
                        long begun = System.nanoTime();
                        while (running && !reached(logs, ends)) {
                            Thread.sleep(10);
                        }
                        if (running || seconds.isEmpty()) {
                            seconds.add((System.nanoTime() - begun) / 1e9);
                        }
                        Thread.sleep(SAMPLE_MS);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        private static boolean reached(TransparencyLogs logs, Map<TopicPartition, Long> ends) {
            return logs.states().stream()
                    .allMatch(state -> state.nextOutcome()
                            >= ends.getOrDefault(new TopicPartition(Topics.EVENTS, state.partition()), Long.MAX_VALUE));
        }

        @Override
        public void close() throws InterruptedException {
            running = false;
            thread.join();
        }
    }
}

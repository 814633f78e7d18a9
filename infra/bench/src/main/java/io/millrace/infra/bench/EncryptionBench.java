package io.millrace.infra.bench;

import io.millrace.infra.embedded.DevServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;

/**
 * What encryption of payloads costs: the closed loop of {@code throughput} with payloads of 1 KB. Two organisations of
 * one server take turns, and one of them encrypts. So changes of the machine affect both alike.
 */
public final class EncryptionBench implements ProcessBench {

    private static final int PAYLOAD_CHARS = 1_024;
    private static final int KEY_BYTES = 32;
    private static final UUID PLAIN = UUID.fromString(BenchClient.ORG);
    private static final UUID ENCRYPTED = UUID.fromString("7c1a4c0e-3a0e-4c58-9d3c-5f0a4de0c001");

    @Override
    public Report run(BenchOptions options, Path data) throws Exception {
        Report report = new Report(
                "encryption",
                "closed loop of no-op workflows with 1 KB of input and of output, in turns of two organisations, workflows a second");
        Map<String, String> settings = Map.of(
                "grpc.port",
                "0",
                "http.port",
                "0",
                "server.access_file",
                accessFile(data).toString());
        try (DevServer server = DevServer.start(
                data.resolve("server"), DevServer.config(data.resolve("server"), settings, Map.of()), true)) {
            int port = server.server().grpcPort();
            for (int inFlight : options.inFlight()) {
                for (int round = 0; round <= options.rounds(); round++) {
                    double plain = round(report, options, port, PLAIN, "plain", inFlight, round);
                    double encrypted = round(report, options, port, ENCRYPTED, "encrypted", inFlight, round);
                    if (round > 0) {
                        report.add(inFlight + " in flight, encrypted", "of plain %", 100 * encrypted / plain);
                    }
                }
            }
        }
        return report;
    }

    private static double round(
            Report report, BenchOptions options, int port, UUID org, String name, int inFlight, int round)
            throws InterruptedException {
        try (BenchClient client = new BenchClient("127.0.0.1", port, org.toString(), name);
                NoOpLoop loop = new NoOpLoop(
                        client,
                        "encryption-" + inFlight + "-" + round,
                        inFlight,
                        "\"" + "x".repeat(PAYLOAD_CHARS) + "\"")) {
            loop.start();
            NoOpLoop.Round result = loop.measure(options.seconds(round));
            if (round > 0) {
                result.report(report, inFlight + " in flight, " + name);
            }
            return result.perSecond();
        }
    }

    private static Path accessFile(Path folder) throws IOException {
        byte[] secret = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(secret);
        Path keys = Files.writeString(
                folder.resolve("wrapping-keys"), "w1 " + Base64.getEncoder().encodeToString(secret));
        return Files.writeString(folder.resolve("access.toml"), """
                [[orgs]]
                id = "%s"
                slug = "dev"
                [[orgs]]
                id = "%s"
                slug = "encrypted"
                [orgs.encryption]
                key_file = "%s"
                [auth.static_api_key]
                keys = [
                  { key = "plain", org_id = "%1$s", principal_type = "Worker", principal_id = "plain" },
                  { key = "encrypted", org_id = "%2$s", principal_type = "Worker", principal_id = "encrypted" },
                ]
                """.formatted(PLAIN, ENCRYPTED, keys));
    }
}

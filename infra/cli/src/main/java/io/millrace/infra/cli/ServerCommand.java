package io.millrace.infra.cli;

import io.millrace.infra.config.ClosedDoors;
import io.millrace.infra.config.NodeRole;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.server.DatabaseCheck;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.topics.TopicAdmin;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs one node of an installation. Kafka and PostgreSQL have to be there. */
@Command(
        name = "server",
        description = {
            "Runs a node with any roles on a Kafka and a PostgreSQL that are there.",
            "The topics have to be there too: `millrace topics` makes them."
        },
        mixinStandardHelpOptions = true)
public final class ServerCommand implements Callable<Integer> {

    /** Repeated in this interval: a node may wait for others for long, and somebody may wonder why. */
    private static final Duration STILL_WAITING = Duration.ofSeconds(30);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions options;

    @Option(
            names = "--roles",
            paramLabel = "ROLES",
            description = "What the node does: some of ingest, dispatcher and notifier, separated by commas.")
    private @Nullable String roles;

    @Override
    public Integer call() throws InterruptedException {
        ServerConfig config = options.load(roles == null ? Map.of() : Map.of("server.roles", roles));
        config.macs().expectKeys();
        ClosedDoors.expect(config);
        config.database().filter(database -> config.has(NodeRole.INGEST)).ifPresent(DatabaseCheck::check);
        try (TopicAdmin topics = TopicAdmin.of(config)) {
            topics.check();
        }
        MillraceServer server = RunningUntilStopped.start(() -> MillraceServer.start(config));
        while (!server.awaitReady(STILL_WAITING)) {
            spec.commandLine()
                    .getErr()
                    .println("millrace: still waiting for: " + server.notReady().orElse("nothing"));
        }
        spec.commandLine()
                .getOut()
                .println("millrace " + config.node() + " ("
                        + config.roles().stream()
                                .map(role -> role.key())
                                .sorted()
                                .collect(Collectors.joining(", "))
                        + ") ready in " + Uptime.seconds() + ": " + Addresses.of(config, server));
        return RunningUntilStopped.await(
                RunningUntilStopped.never(), spec.commandLine().getErr());
    }
}

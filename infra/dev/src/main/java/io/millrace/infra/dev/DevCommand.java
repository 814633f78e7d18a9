package io.millrace.infra.dev;

import io.millrace.infra.cli.Addresses;
import io.millrace.infra.cli.FurtherCommand;
import io.millrace.infra.cli.RunningUntilStopped;
import io.millrace.infra.cli.Uptime;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.demo.DemoWorker;
import io.millrace.infra.embedded.DevServer;
import io.millrace.ingest.config.Access;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs everything in one process. */
@Command(
        name = "dev",
        description = {
            "Runs everything in one process: Kafka, PostgreSQL and all roles.",
            "For development: what it acknowledges is on this machine only."
        },
        mixinStandardHelpOptions = true)
public final class DevCommand implements FurtherCommand {

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".millrace",
            description = "Folder of all data; it survives restarts. Otherwise ${DEFAULT-VALUE} in the current folder.")
    private Path data;

    @Option(
            names = "--grpc-port",
            paramLabel = "PORT",
            description = "Port of gRPC, 0 for any free one. Otherwise $GRPC_SERVER_PORT, or 9090.")
    private String grpcPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Port of HTTP, 0 for any free one. Otherwise $SERVER_PORT, or 8000.")
    private String httpPort;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address to listen on. Otherwise loopback; for another one CONFIG_FILE must name a file of keys.")
    private String host;

    @Option(names = "--no-database", description = "Leaves PostgreSQL out: lists are unavailable then.")
    private boolean withoutDatabase;

    @Option(
            names = "--demo-worker",
            description = "Runs a worker too, on the queue \"default\": it has the workflows of the demo, echo and others.")
    private boolean withDemoWorker;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Sets one setting of docs/configuration.md. May be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Override
    public Integer call() {
        Path folder = data.toAbsolutePath().normalize();
        ServerConfig config = DevServer.config(folder, options(), System.getenv());
        if (withDemoWorker && !config.access().equals(Access.development())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected the well-known keys with --demo-worker, which uses one, but there is a file of keys");
        }
        DevServer server = RunningUntilStopped.start(() -> DevServer.launch(folder, config, !withoutDatabase));
        server.awaitReady(waitsFor -> spec.commandLine().getErr().println("millrace: still waiting for: " + waitsFor));
        if (withDemoWorker) {
            server.closeWith(
                    "demo worker",
                    new DemoWorker(config.grpc().host(), server.server().grpcPort(), Access.DEV_WORKER_KEY));
        }
        spec.commandLine().getOut().println("millrace ready in " + Uptime.seconds() + ": "
                + Addresses.of(config, server.server()) + ", data in " + folder + " (Ctrl-C stops it)");
        return RunningUntilStopped.await(server.stopped(), spec.commandLine().getErr());
    }

    private Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>(settings);
        put(options, "grpc.port", grpcPort);
        put(options, "http.port", httpPort);
        put(options, "grpc.host", host);
        put(options, "http.host", host);
        return options;
    }

    private static void put(Map<String, String> options, String key, String value) {
        if (value != null) {
            options.put(key, value);
        }
    }
}

package io.millrace.infra.dev;

import io.millrace.infra.cli.Addresses;
import io.millrace.infra.cli.FurtherCommand;
import io.millrace.infra.cli.RunningUntilStopped;
import io.millrace.infra.cli.Uptime;
import io.millrace.infra.client.api.Target;
import io.millrace.infra.client.context.DevContext;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.demo.DemoWorker;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.embedded.FreePorts;
import io.millrace.infra.embedded.PrivateFolder;
import io.millrace.infra.logging.QuietScreen;
import io.millrace.infra.server.StartException;
import io.millrace.ingest.config.Access;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

    private static final String LOG = "server.log";

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
    private @Nullable String grpcPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Port of HTTP, 0 for any free one. Otherwise $SERVER_PORT, or 8000.")
    private @Nullable String httpPort;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description =
                    "Address to listen on. Otherwise loopback; for another one CONFIG_FILE must name a file of keys.")
    private @Nullable String host;

    @Option(names = "--no-database", description = "Leaves PostgreSQL out: lists are unavailable then.")
    private boolean withoutDatabase;

    @Option(
            names = "--demo-worker",
            description =
                    "Runs a worker too, on the queue \"default\": it has the workflows of the demo, echo and others.")
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
        PrintWriter err = spec.commandLine().getErr();
        FreePorts.expect(config);
        PrivateFolder.prepare(folder);
        Path log = folder.resolve(LOG);
        err.println("millrace: the data is in " + folder + ", and " + log + " is the server's log");
        try (QuietScreen quiet = QuietScreen.begin(log)) {
            return run(folder, config, err);
        }
    }

    private int run(Path folder, ServerConfig config, PrintWriter err) {
        DevServer server;
        try (SpokenProgress progress = SpokenProgress.to(err)) {
            server = RunningUntilStopped.start(
                    () -> DevServer.launch(folder, config, !withoutDatabase, progress),
                    said -> err.println("millrace: " + said));
        }
        server.awaitReady(waitsFor -> err.println("millrace: still waiting for: " + waitsFor));
        if (withDemoWorker) {
            server.closeWith(
                    "demo worker",
                    new DemoWorker(config.grpc().host(), server.server().grpcPort(), Access.DEV_WORKER_KEY));
        }
        boolean found = leaveContext(folder, config, server);
        PrintWriter out = spec.commandLine().getOut();
        out.println("millrace ready in " + Uptime.seconds() + ": " + Addresses.of(config, server.server())
                + ", data in " + folder + " (Ctrl-C stops it)");
        out.println("console: " + Addresses.scheme(config) + "://" + address(config) + ":"
                + server.server().httpPort()
                + (found ? ", with the key " + Access.DEV_USER_KEY : ", with a key of your file"));
        out.println(
                found
                        ? "try: ./millrace " + firstCommand(folder)
                        : "the keys are those of your file: `millrace context set` keeps one");
        return RunningUntilStopped.await(server.stopped(), err);
    }

    /** @return where the HTTP port is reached from this machine */
    private static String address(ServerConfig config) {
        return config.http().host().equals("0.0.0.0")
                ? "127.0.0.1"
                : config.http().host();
    }

    /** @return whether the commands that ask a server find this one by its folder */
    private static boolean leaveContext(Path folder, ServerConfig config, DevServer server) {
        try {
            if (!config.access().equals(Access.development())) {
                DevContext.forget(folder);
                return false;
            }
            DevContext.write(
                    folder,
                    new Target(
                            DevContext.NAME,
                            new URI(
                                    Addresses.scheme(config),
                                    null,
                                    address(config),
                                    server.server().httpPort(),
                                    null,
                                    null,
                                    null),
                            config.access().organisations().getFirst().slug(),
                            Access.DEV_USER_KEY));
            return true;
        } catch (IOException | URISyntaxException e) {
            throw new StartException(
                    "expected to leave in " + folder + " how commands find the server, but could not: " + e, e);
        }
    }

    private String firstCommand(Path folder) {
        boolean near = folder.equals(Path.of(DevContext.FOLDER).toAbsolutePath().normalize());
        String context = near ? "" : " --context " + folder;
        return withDemoWorker
                ? "workflow start order -i '{\"order\":\"A-17\",\"items\":3}'" + context
                : "status" + context;
    }

    private Map<String, String> options() {
        Map<String, String> options = new LinkedHashMap<>(settings);
        put(options, "grpc.port", grpcPort);
        put(options, "http.port", httpPort);
        put(options, "grpc.host", host);
        put(options, "http.host", host);
        return options;
    }

    private static void put(Map<String, String> options, String key, @Nullable String value) {
        if (value != null) {
            options.put(key, value);
        }
    }
}

package io.millrace.infra.demo;

import io.millrace.infra.cli.FurtherCommand;
import io.millrace.infra.cli.TemporaryFolder;
import io.millrace.infra.cli.Uptime;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.logging.QuietScreen;
import io.millrace.ingest.config.Access;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows what Millrace does, on a server of its own. */
@Command(
        name = "demo",
        description = {
            "Shows the main job at work, on a server of its own in a temporary folder.",
            "Exit code 0 only if every result is right."
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand implements FurtherCommand {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        out.println("Starting Kafka, PostgreSQL and a Millrace server …");
        Path data = TemporaryFolder.make("millrace-demo");
        try (QuietScreen quiet = QuietScreen.begin();
                DevServer server = DevServer.start(
                        data, DevServer.config(data, Map.of("grpc.port", "0", "http.port", "0"), Map.of()), true)) {
            out.println("Ready in " + Uptime.seconds() + ": gRPC 127.0.0.1:"
                    + server.server().grpcPort() + ".");
            List<String> wrong;
            try (Demo demo =
                    new Demo(out, "127.0.0.1", server.server().grpcPort(), Access.DEV_WORKER_KEY, server.kafka())) {
                wrong = demo.run();
            }
            out.println();
            out.println(
                    "To look at such workflows in the console: ./millrace dev --demo-worker, and then http://127.0.0.1:8000"
                            + " in a browser, with the key " + Access.DEV_USER_KEY + ".");
            return wrong.isEmpty() ? 0 : 1;
        } finally {
            TemporaryFolder.delete(data);
        }
    }
}

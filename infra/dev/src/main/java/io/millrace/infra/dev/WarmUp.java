package io.millrace.infra.dev;

import io.millrace.infra.cli.FurtherCommand;
import io.millrace.infra.cli.TemporaryFolder;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.demo.Demo;
import io.millrace.infra.embedded.DevServer;
import io.millrace.infra.embedded.EmbeddedBackends;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.topics.TopicPlan;
import io.millrace.ingest.config.Access;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Starts a server on a temporary folder, runs the demonstration on it, and stops it. The launcher lets the JVM watch
 * this run, and keeps what the JVM learned of the classes, so that later starts are quicker. Every class path needs a
 * run of its own. A development server runs in this process. The node of production runs in another one, which the
 * launcher watches instead. With {@code --check} the same shows that a node which was installed works.
 */
@Command(name = "warm-up", hidden = true, description = "Runs a server once, to record a start cache.")
public final class WarmUp implements FurtherCommand {

    @Parameters(
            paramLabel = "COMMAND",
            description =
                    "Runs a node of production in a process that this command starts, instead of a development server.")
    private List<String> command = List.of();

    @Option(names = "--check", description = "Prints what the demonstration shows; exit code 1 if a result is wrong.")
    private boolean check;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Path data = TemporaryFolder.make("millrace-warm-up");
        try {
            List<String> wrong = command.isEmpty() ? inThisProcess(data) : inAnother(data);
            return check && !wrong.isEmpty() ? 1 : 0;
        } finally {
            TemporaryFolder.delete(data);
        }
    }

    private List<String> inThisProcess(Path data) throws Exception {
        try (DevServer server = DevServer.start(data, config(data), true)) {
            return demonstrate(server.server().grpcPort(), server.kafka());
        }
    }

    private List<String> inAnother(Path data) throws Exception {
        try (EmbeddedBackends backends = EmbeddedBackends.start(data, TopicPlan.of(config(data)), true);
                SeparateNode node = SeparateNode.start(command, data, backends)) {
            return demonstrate(node.grpcPort(), backends.kafka());
        }
    }

    private static ServerConfig config(Path data) {
        return DevServer.config(data, Map.of("grpc.port", "0", "http.port", "0"), Map.of());
    }

    /** @return what was not as it must be: of no interest for a start cache, and looked at only with {@code --check} */
    private List<String> demonstrate(int grpcPort, KafkaAccess kafka) throws Exception {
        PrintWriter out = check ? spec.commandLine().getOut() : new PrintWriter(Writer.nullWriter());
        try (Demo demo = new Demo(out, "127.0.0.1", grpcPort, Access.DEV_WORKER_KEY, kafka)) {
            return demo.run();
        }
    }
}

package io.millrace.infra.dev;

import io.millrace.infra.cli.FurtherCommand;
import io.millrace.infra.cli.TemporaryFolder;
import io.millrace.infra.demo.Demo;
import io.millrace.infra.embedded.DevServer;
import io.millrace.ingest.config.Access;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;

/**
 * Starts a development server on a folder that is thrown away, runs the demonstration on it and stops it. The launcher lets
 * the JVM watch this run and keeps what it learned of the classes, so that later starts are quicker.
 */
@Command(name = "warm-up", hidden = true, description = "Runs a server once, to record a start cache.")
public final class WarmUp implements FurtherCommand {

    @Override
    public Integer call() throws Exception {
        Path data = TemporaryFolder.make("millrace-warm-up");
        try (DevServer server = DevServer.start(
                        data, DevServer.config(data, Map.of("grpc.port", "0", "http.port", "0"), Map.of()), true);
                Demo demo = new Demo(
                        new PrintWriter(Writer.nullWriter()),
                        "127.0.0.1",
                        server.server().grpcPort(),
                        Access.DEV_WORKER_KEY,
                        server.kafka())) {
            demo.run(); // whether its results are right is for the tests to say
        } finally {
            TemporaryFolder.delete(data);
        }
        return 0;
    }
}

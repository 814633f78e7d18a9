package io.millrace.infra.dev;

import io.millrace.infra.config.DatabaseSettings;
import io.millrace.infra.embedded.CommandKeys;
import io.millrace.infra.embedded.EmbeddedBackends;
import io.millrace.infra.embedded.NodeFile;
import io.millrace.infra.server.StartException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node in a process of its own, as in production; its Kafka and its PostgreSQL are parts of this process. For one
 * thread.
 */
final class SeparateNode implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("millrace .* ready in .*: gRPC \\S+:(\\d+), HTTP .*");

    private final Process process;
    private final int grpcPort;

    private SeparateNode(Process process, int grpcPort) {
        this.process = process;
        this.grpcPort = grpcPort;
    }

    /**
     * Starts the node and waits until it is ready, however long that takes.
     *
     * @param command what starts {@code Main}; the arguments are added
     * @param folder folder for its data and settings, which must be closed to other users: the settings contain
     *     passwords
     * @throws StartException if the node ends before it is ready
     */
    static SeparateNode start(List<String> command, Path folder, EmbeddedBackends backends) throws IOException {
        Path settings = NodeFile.write(folder, backends.kafka(), settings(folder, backends));
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of("server", "--config", settings.toString()));
        Process process = new ProcessBuilder(all)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                drain(out);
                return new SeparateNode(process, Integer.parseInt(ready.group(1)));
            }
        }
        throw new StartException("expected a node to start by " + command + ", but it ended");
    }

    /** Reads the output to its end, so that the node never waits for a reader. */
    private static void drain(BufferedReader out) {
        Thread.ofPlatform().name("millrace-node-output").daemon(true).start(() -> {
            try {
                out.transferTo(Writer.nullWriter());
            } catch (IOException closed) {
                // The node has ended, and writes no more.
            }
        });
    }

    private static Map<String, String> settings(Path folder, EmbeddedBackends backends) {
        DatabaseSettings database = backends.database().orElseThrow().join();
        return Map.of(
                "server.data", folder.resolve("node").toString(),
                "commands.mac.key_file", CommandKeys.in(folder).toString(),
                "grpc.port", "0",
                "http.port", "0",
                "postgres.url", database.url(),
                "postgres.user", database.user(),
                "postgres.password", database.password());
    }

    int grpcPort() {
        return grpcPort;
    }

    /** Stops the node in order and waits until it has stopped. */
    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}

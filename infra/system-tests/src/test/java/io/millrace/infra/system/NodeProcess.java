package io.millrace.infra.system;

import io.millrace.infra.cli.Main;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.embedded.NodeFile;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node with all roles as a process of its own, on a Kafka that is there, for tests that kill it or let it sleep. */
public final class NodeProcess implements AutoCloseable {

    private static final Pattern READY =
            Pattern.compile("millrace \\S+ \\(.*\\) ready in .*: gRPC \\S+:(\\d+), HTTP (http://\\S+:\\d+).*");
    private static final long LIMIT_S = 300;

    private final Process process;
    private final Matcher ready;

    private NodeProcess(Process process, String line) {
        this.process = process;
        ready = READY.matcher(line);
        if (!ready.matches()) {
            throw new AssertionError("expected the line of a node that is ready, but got '" + line + "'");
        }
    }

    /** Starts it and waits until it is ready. */
    public static NodeProcess start(String name, Path folder, KafkaAccess kafka) {
        return start(name, folder, kafka, Map.of());
    }

    /**
     * Starts it and waits until it is ready.
     *
     * @param more settings by the keys of docs/configuration.md
     */
    public static NodeProcess start(String name, Path folder, KafkaAccess kafka, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "server.node",
                name,
                "commands.mac.key_file",
                TestKeys.in(folder.getParent()).toString(),
                "grpc.port",
                "0",
                "http.port",
                "0"));
        settings.putAll(more);
        Process process = null;
        try {
            List<String> command = ServerProcess.java();
            command.addAll(List.of(
                    "-cp",
                    StartCache.classPath(),
                    Main.class.getName(),
                    "server",
                    "--config",
                    NodeFile.write(folder, kafka, settings).toString()));
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            var out = process.inputReader(StandardCharsets.UTF_8);
            return new NodeProcess(
                    process,
                    CompletableFuture.supplyAsync(() -> {
                                try {
                                    return String.valueOf(out.readLine());
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            })
                            .get(LIMIT_S, TimeUnit.SECONDS));
        } catch (IOException | ExecutionException | TimeoutException | InterruptedException | AssertionError e) {
            if (process != null) {
                process.destroyForcibly();
            }
            throw new AssertionError("expected node " + name + " to be ready within " + LIMIT_S + " s", e);
        }
    }

    /**
     * Starts a second node, and waits until both have their half of the four partitions.
     *
     * @param folder where its own is made
     * @param first name of the server's only node
     */
    static NodeProcess second(String name, Path folder, TestServer server, String first, TestHttp anybody) {
        NodeProcess second = start(name, folder.resolve(name), server.kafka());
        Await.until(
                "both nodes to have their half of the partitions",
                () -> owned(anybody, second.http("/_/metrics")) == 2
                        && owned(anybody, server.http(first, "/_/metrics")) == 2
                        && anybody.get(second.http("/_/ready")).status() == 200);
        return second;
    }

    private static int owned(TestHttp anybody, URI metrics) {
        return anybody.text(metrics)
                .lines()
                .filter(line -> line.startsWith("millrace_partitions "))
                .mapToInt(line -> (int) Double.parseDouble(line.split(" ")[1]))
                .findFirst()
                .orElseThrow();
    }

    /** @return a connection of a worker of the development organisation; the caller closes it */
    public TestClient worker() {
        return new TestClient(Integer.parseInt(ready.group(1)), Access.DEV_WORKER_KEY);
    }

    /** @return address of its HTTP API, followed by the path */
    public URI http(String path) {
        return URI.create(ready.group(2) + path);
    }

    /** @return number of the process */
    public long pid() {
        return process.pid();
    }

    /** Stops it in the midst of whatever it does, until {@link #wake}. */
    public void sleep() {
        signal("-STOP");
    }

    /** Lets it go on. */
    public void wake() {
        signal("-CONT");
    }

    private void signal(String name) {
        try {
            int code = new ProcessBuilder("kill", name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new AssertionError("expected kill " + name + " to work, but it gave " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Kills it without warning and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Stops it in order, if it still runs. */
    @Override
    public void close() {
        if (process.isAlive()) {
            process.destroy();
            awaitEnd();
        }
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("expected the node to end within " + LIMIT_S + " s, but it did not");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}

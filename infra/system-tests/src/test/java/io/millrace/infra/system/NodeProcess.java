package io.millrace.infra.system;

import io.millrace.infra.cli.Main;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.embedded.NodeFile;
import io.millrace.infra.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A node with all roles as a process of its own, on a Kafka that is there, for tests that kill it or let it sleep. */
public final class NodeProcess extends MillraceProcess {

    private static final Pattern READY =
            Pattern.compile("millrace \\S+ \\(.*\\) ready in .*: gRPC \\S+:(\\d+), HTTP (http://\\S+:\\d+).*");

    private NodeProcess(List<String> command) {
        super(command, Map.of(), READY);
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
        List<String> command = java();
        try {
            command.addAll(List.of(
                    "-cp",
                    StartCache.classPath(),
                    Main.class.getName(),
                    "server",
                    "--config",
                    NodeFile.write(folder, kafka, settings).toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new NodeProcess(command);
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
            int code = new ProcessBuilder("kill", name, Long.toString(pid()))
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
}

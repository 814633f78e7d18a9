package io.millrace.infra.system;

import io.millrace.infra.cli.Main;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** `millrace dev` as a process of its own, for tests that kill it. Listens on free loopback ports. */
public final class ServerProcess implements AutoCloseable {

    private static final Pattern READY =
            Pattern.compile("millrace ready in \\S+ s: gRPC \\S+:(\\d+), HTTP (http://\\S+:\\d+), .*");
    private static final long START_LIMIT_S = 300;
    private static final long STOP_LIMIT_S = 300;

    private final Process process;
    private final String readyLine;
    private final Matcher ready;

    private ServerProcess(Process process, String readyLine) {
        this.process = process;
        this.readyLine = readyLine;
        this.ready = READY.matcher(readyLine);
        if (!ready.matches()) {
            throw new AssertionError("expected the line of a server that is ready, but got '" + readyLine + "'");
        }
    }

    /**
     * Starts it on the folder and waits until it is ready.
     *
     * @param more further arguments of the command
     */
    public static ServerProcess start(Path data, String... more) {
        List<String> command = java();
        command.addAll(dev(data));
        command.addAll(List.of(more));
        return start(command);
    }

    /** As above, with so many files that it may have open, and so much heap. Ends when memory is lacking. */
    public static ServerProcess startSmall(Path data, int files, int heapMb, Map<String, String> environment) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + files + " && exec \"$0\" \"$@\""));
        command.addAll(java());
        command.add("-Xmx" + heapMb + "m");
        command.add("-XX:+ExitOnOutOfMemoryError"); // as the launcher starts it
        command.addAll(dev(data));
        return start(command, environment);
    }

    /** The Java of this JVM, with its quick compiler alone: a server of a test has ended before the other pays off. */
    static List<String> java() {
        List<String> java = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1"));
        java.addAll(StartCache.options(java));
        return java;
    }

    private static List<String> dev(Path data) {
        return List.of(
                "-cp",
                StartCache.classPath(),
                Main.class.getName(),
                "dev",
                "--data",
                data.toString(),
                "--grpc-port",
                "0",
                "--http-port",
                "0");
    }

    private static ServerProcess start(List<String> command) {
        return start(command, Map.of());
    }

    private static ServerProcess start(List<String> command, Map<String, String> environment) {
        Process process = null;
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().putAll(environment);
            process = builder.start();
            return new ServerProcess(process, firstLine(process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Throwable e) {
            if (process != null) {
                process.destroyForcibly();
            }
            throw e;
        }
    }

    private static String firstLine(Process process) {
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
            try {
                return String.valueOf(out.readLine());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            String first = line.get(START_LIMIT_S, TimeUnit.SECONDS);
            // What it says later may tell why it ended, and must not fill the pipe.
            Thread.ofVirtual().start(() -> out.lines().forEach(System.err::println));
            return first;
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("expected the server to be ready within " + START_LIMIT_S + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** @return what it said when it was ready */
    public String readyLine() {
        return readyLine;
    }

    /** @return a connection of a worker of the development organisation; the caller closes it */
    public TestClient worker() {
        return new TestClient(grpcPort(), Access.DEV_WORKER_KEY);
    }

    /** @return the port of gRPC */
    public int grpcPort() {
        return Integer.parseInt(ready.group(1));
    }

    /** @return address of its HTTP API, followed by the path */
    public URI http(String path) {
        return URI.create(ready.group(2) + path);
    }

    /** Fails where it has ended: with exit code 3 for lack of memory, with more than 128 by a signal. */
    public void expectAlive() {
        if (!process.isAlive()) {
            throw new AssertionError(
                    "expected the server to run, but it has ended with exit code " + process.exitValue());
        }
    }

    /** Kills it without warning and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Asks it to stop and waits until it has. */
    public void stop() {
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(STOP_LIMIT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("expected the server to end within " + STOP_LIMIT_S + " s, but it did not");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Stops it, if it still runs. */
    @Override
    public void close() {
        if (process.isAlive()) {
            stop();
        }
    }
}

package io.millrace.infra.system;

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

/** Something that serves gRPC and HTTP as a process of its own, and says in its first line when it is ready. */
public abstract sealed class MillraceProcess implements AutoCloseable permits ServerProcess, NodeProcess {

    private static final long LIMIT_S = 300;

    private final Process process;
    private final Matcher ready;

    /**
     * Starts it and waits until it is ready.
     *
     * @param environment variables beside those of this process
     * @param readyLine its first line: group 1 is the port of gRPC, group 2 the address of HTTP
     */
    MillraceProcess(List<String> command, Map<String, String> environment, Pattern readyLine) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            String line = firstLine(process);
            ready = readyLine.matcher(line);
            if (!ready.matches()) {
                throw new AssertionError("expected the line of a process that is ready, but got '" + line + "'");
            }
        } catch (Throwable e) {
            process.destroyForcibly();
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
            String first = line.get(LIMIT_S, TimeUnit.SECONDS);
            // What it says later may tell why it ended, and must not fill the pipe.
            Thread.ofVirtual().start(() -> out.lines().forEach(System.err::println));
            return first;
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("expected the process to be ready within " + LIMIT_S + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
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

    /** @return what it said when it was ready */
    public final String readyLine() {
        return ready.group();
    }

    /** @return a connection of a worker of the development organisation; the caller closes it */
    public final TestClient worker() {
        return new TestClient(grpcPort(), Access.DEV_WORKER_KEY);
    }

    /** @return the port of gRPC */
    public final int grpcPort() {
        return Integer.parseInt(ready.group(1));
    }

    /** @return address of its HTTP API, followed by the path */
    public final URI http(String path) {
        return URI.create(ready.group(2) + path);
    }

    /** @return number of the process */
    public final long pid() {
        return process.pid();
    }

    /** Fails where it has ended: with exit code 3 for lack of memory, with more than 128 by a signal. */
    public final void expectAlive() {
        if (!process.isAlive()) {
            throw new AssertionError(
                    "expected the process to run, but it has ended with exit code " + process.exitValue());
        }
    }

    /** Kills it without warning and waits until it is gone. */
    public final void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Asks it to stop and waits until it has. */
    public final void stop() {
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("expected the process to end within " + LIMIT_S + " s, but it did not");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Stops it, if it still runs. */
    @Override
    public final void close() {
        if (process.isAlive()) {
            stop();
        }
    }
}

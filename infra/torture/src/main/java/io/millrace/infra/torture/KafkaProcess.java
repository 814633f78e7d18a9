package io.millrace.infra.torture;

import io.millrace.infra.embedded.EmbeddedKafka;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A Kafka in a process of its own, which ends with this one. It takes the port of its last start. For one thread. */
final class KafkaProcess implements AutoCloseable {

    private static final String READY = "ready";
    private static final long PATIENCE_S = 600;

    private final Path folder;
    private @Nullable Process process;

    KafkaProcess(Path folder) {
        this.folder = folder;
    }

    /** The process: says when it is ready, and ends when nobody holds its input any more. */
    public static void main(String[] args) throws IOException {
        EmbeddedKafka kafka = EmbeddedKafka.start(Path.of(args[0]), 0);
        kafka.stopped().whenComplete((stopped, fault) -> {
            if (fault != null) {
                Runtime.getRuntime().halt(1);
            }
        });
        System.out.println(READY);
        while (System.in.read() >= 0) {
            // Nothing is said to it.
        }
        kafka.close();
        System.exit(0);
    }

    /** Starts it, and returns when clients can use it. */
    void start() throws IOException {
        File log = folder.resolveSibling("kafka.log").toFile();
        Process started = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx1g",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KafkaProcess.class.getName(),
                        folder.toString()))
                .redirectError(Redirect.appendTo(log))
                .start();
        process = started;
        String said = started.inputReader().readLine();
        if (!READY.equals(said)) {
            throw new IllegalStateException("expected Kafka to start, but it said " + said + "; see " + log);
        }
    }

    /** Kills it, as a power cut of its process would, and waits until it is gone. */
    void kill() throws InterruptedException {
        started().destroyForcibly().waitFor();
    }

    /** @return its process */
    Process started() {
        return Objects.requireNonNull(process, "Kafka's process, once it was started");
    }

    @Override
    public void close() throws InterruptedException {
        Process running = process;
        if (running == null || !running.isAlive()) {
            return;
        }
        try {
            running.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!running.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            running.destroyForcibly().waitFor();
        }
    }
}

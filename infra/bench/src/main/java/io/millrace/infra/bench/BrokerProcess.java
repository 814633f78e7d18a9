package io.millrace.infra.bench;

import io.millrace.infra.embedded.KafkaMain;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A node of Kafka in a process of its own, which ends with this one. It takes the port of its last start. For one thread. */
final class BrokerProcess implements AutoCloseable {

    private static final long PATIENCE_S = 600;

    private final List<String> command = new ArrayList<>();
    private final File log;
    private volatile @Nullable Process process;

    /**
     * @param log file of its log; later starts append to it
     * @param within words of a command that runs the command behind it, in its own process; may be none
     * @param what the folder of the only node, or the file of one of several
     */
    BrokerProcess(Path log, List<String> within, Path what) {
        this.log = log.toFile();
        command.addAll(within);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                KafkaMain.class.getName(),
                what.toString()));
    }

    /** Starts it, and returns when it has said that it is ready, as {@link KafkaMain#READY} tells. */
    void start() throws IOException {
        Process started = new ProcessBuilder(command)
                .redirectError(Redirect.appendTo(log))
                .start();
        process = started;
        String said = started.inputReader().readLine();
        if (!KafkaMain.READY.equals(said)) {
            throw new IllegalStateException("expected Kafka to start, but it said " + said + "; see " + log);
        }
    }

    /** Kills it if it runs, as a power cut of its process would, and waits until it is gone. */
    void kill() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.destroyForcibly().waitFor();
        }
    }

    /** Kills it if it runs, and returns at once. */
    void killIfItRuns() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
        }
    }

    /** @return its process */
    Process started() {
        return Objects.requireNonNull(process, "Kafka's process, once it was started");
    }

    /** Stops it in order if it still runs, and waits until it is gone. */
    void stop() throws InterruptedException {
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

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}

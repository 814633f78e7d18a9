package io.millrace.infra.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server that outlived the process that started it, as when that was killed. It holds the data folder, so
 * it has to go before a new one can start there.
 */
final class OrphanedPostgres {

    private static final Logger LOG = LoggerFactory.getLogger(OrphanedPostgres.class);
    private static final String PID_FILE = "postmaster.pid";
    private static final Duration POLL = Duration.ofMillis(5);
    /** The server writes everything out before it ends, which may be much for a slow disk. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Duration SAY_AGAIN = Duration.ofSeconds(10);

    /**
     * Most that the start of the process may differ from the time that PostgreSQL noted. Used only if nothing but times
     * is known.
     */
    private static final Duration START_TOLERANCE = Duration.ofSeconds(10);

    private OrphanedPostgres() {}

    /**
     * Stops the server that {@code postmaster.pid} names, if there is one. The caller must hold the folder's lock: then
     * the server belongs to nobody any more. A pid that belongs to another process by now is left alone.
     *
     * @throws EmbeddedStartException if the server does not stop
     */
    static void stop(Path dataFolder) {
        Optional<ProcessHandle> orphan = find(dataFolder);
        if (orphan.isEmpty()) {
            return;
        }
        ProcessHandle process = orphan.get();
        LOG.warn("stopping a PostgreSQL server that was left behind, pid={} folder={}", process.pid(), dataFolder);
        try {
            interrupt(process);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            long said = System.nanoTime();
            // The server removes its pid file last. The process itself may stay as a zombie if nobody collects it.
            while (process.isAlive() && Files.exists(dataFolder.resolve(PID_FILE))) {
                if (System.nanoTime() > deadline) {
                    throw new EmbeddedStartException("expected the PostgreSQL server with pid " + process.pid()
                            + ", left behind on " + dataFolder + ", to stop within " + PATIENCE.toSeconds()
                            + " s, but it still runs; stop it by hand");
                }
                if (System.nanoTime() - said > SAY_AGAIN.toNanos()) {
                    said = System.nanoTime();
                    LOG.info("still waiting for the PostgreSQL server with pid {} to end", process.pid());
                }
                Thread.sleep(POLL);
            }
        } catch (IOException e) {
            throw new EmbeddedStartException(
                    "expected to signal pid " + process.pid() + ", a PostgreSQL server left behind on " + dataFolder
                            + ", but that failed: " + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedStartException("interrupted while waiting for pid " + process.pid() + " to end", e);
        }
    }

    /** @return the port of the live server of this very folder, if there is one */
    static Optional<Integer> port(Path dataFolder) {
        if (find(dataFolder).isEmpty()) {
            return Optional.empty();
        }
        try {
            // The fourth line is the port.
            return Optional.of(Integer.parseInt(
                    Files.readAllLines(dataFolder.resolve(PID_FILE)).get(3).strip()));
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty(); // it is just starting, or has gone
        }
    }

    /** Finds the live server of this very folder, by its pid file and by the process itself. */
    static Optional<ProcessHandle> find(Path dataFolder) {
        List<String> lines;
        try {
            lines = Files.readAllLines(dataFolder.resolve(PID_FILE));
        } catch (IOException e) {
            return Optional.empty();
        }
        if (lines.size() < 3) {
            return Optional.empty();
        }
        try {
            // The file's first lines are the pid, the data folder, and the start in seconds since 1970.
            long pid = Long.parseLong(lines.get(0).strip());
            Instant started = Instant.ofEpochSecond(Long.parseLong(lines.get(2).strip()));
            return ProcessHandle.of(pid).filter(process -> isPostgresOf(dataFolder, process.info(), started));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static boolean isPostgresOf(Path dataFolder, ProcessHandle.Info process, Instant started) {
        boolean postgres = process.command()
                .map(command -> Path.of(command).getFileName().toString())
                .filter("postgres"::equals)
                .isPresent();
        // The folder is proof enough. Times are not: the clock may have been set since.
        boolean thisFolder = process.arguments()
                .map(arguments -> Arrays.asList(arguments).contains(dataFolder.toString()))
                .orElseGet(() -> process.startInstant()
                        .map(start -> Duration.between(start, started).abs().compareTo(START_TOLERANCE) < 0)
                        .orElse(true));
        return postgres && thisFolder;
    }

    /**
     * Asks for a fast stop, which ends sessions and writes everything out. {@link ProcessHandle#destroy} would ask for
     * a slow one, which waits until the last client has gone.
     */
    static void interrupt(ProcessHandle process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }
}

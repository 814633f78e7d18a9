package io.millrace.infra.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder with PostgreSQL's data, and the programs that work on it. Only the role that owns the database can log in,
 * by a password and on loopback. That role is no superuser, since a superuser can run programs as the user of the
 * server.
 */
final class PostgresCluster {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresCluster.class);
    private static final String ROLE = "millrace";

    /** A file that PostgreSQL keeps in each folder. */
    private static final String VERSION_FILE = "PG_VERSION";

    private static final String AUTHENTICATION = """
            # Written by Millrace. Everybody else is refused.
            host all %1$s 127.0.0.1/32 scram-sha-256
            host all %1$s ::1/128 scram-sha-256
            """;

    /** A start may have much to recover, so we wait as long as it is at work. */
    private static final String START_SECONDS = "86400";

    private static final String STOP_SECONDS = "60";

    private final PostgresBinaries binaries;
    private final Path folder;
    private final Path data;
    private final Path log;

    /** @param folder holds the data and the log */
    PostgresCluster(PostgresBinaries binaries, Path folder) {
        this.binaries = binaries;
        this.folder = folder;
        this.data = data(folder);
        this.log = folder.resolve("postgres.log");
    }

    static String role() {
        return ROLE;
    }

    /** @return where the data are in such a folder */
    static Path data(Path folder) {
        return folder.resolve("data");
    }

    Path data() {
        return data;
    }

    Path log() {
        return log;
    }

    /**
     * Makes the cluster if there is none. One of another version, or with an unknown password, is put aside. It holds
     * only a read model, which fills itself again from Kafka.
     *
     * @return the password of the role
     */
    String prepare() throws IOException {
        if (Files.exists(data.resolve(VERSION_FILE))) {
            String found = Files.readString(data.resolve(VERSION_FILE)).strip();
            if (!found.equals(majorVersion())) {
                putAside("is of PostgreSQL " + found + " and this is " + majorVersion());
            } else if (!Password.isIn(folder)) {
                putAside("has no password");
            }
        }
        String password = Password.of(folder);
        if (!Files.exists(data)) {
            make(password);
        }
        Files.writeString(data.resolve("pg_hba.conf"), AUTHENTICATION.formatted(ROLE));
        return password;
    }

    private String majorVersion() throws IOException {
        // "postgres (PostgreSQL) 18.6"
        String said = run(binaries.command("postgres", "--version"), "");
        return said.strip().replaceAll(".* (\\d+)\\..*", "$1");
    }

    private void putAside(String why) throws IOException {
        Path aside = folder.resolve("data-put-aside-" + System.currentTimeMillis());
        Files.move(data, aside);
        LOG.warn(
                "the database in {} {}: it is put aside as {}, which can be deleted, and made anew; lists fill again from Kafka",
                folder,
                why,
                aside.getFileName());
    }

    /** Makes all of it or nothing: a start that is cut short leaves only a draft. */
    private void make(String password) throws IOException {
        Path draft = folder.resolve("data-draft");
        PostgresBinaries.deleteAll(draft);
        ClusterTemplate.of(binaries).copyTo(draft);
        run(
                binaries.command("postgres", "--single", "-D", draft.toString(), "postgres"),
                // The password is random, so nobody guesses it, however quickly one is checked: each connection begins
                // with that.
                "SET scram_iterations = 1;\nCREATE ROLE " + ROLE + " LOGIN CREATEDB PASSWORD '" + password + "';\n");
        Files.move(draft, data);
    }

    /**
     * Starts the server. Returns when it takes connections, or when it was told to end because the thread was
     * interrupted. It belongs to no terminal, so Ctrl-C does not reach it.
     *
     * @return process of the server
     */
    ProcessHandle start(int port) throws IOException {
        StringBuilder options = new StringBuilder("-p " + port);
        PostgresSettings.server()
                .forEach((name, value) ->
                        options.append(" -c ").append(name).append('=').append(value));
        run(
                binaries.command(
                        "pg_ctl",
                        "-D",
                        data.toString(),
                        "-l",
                        log.toString(),
                        "-o",
                        options.toString(),
                        "-w",
                        "-t",
                        START_SECONDS,
                        "-s",
                        "start"),
                "");
        return OrphanedPostgres.find(data).orElseThrow(() -> new IOException("it ended as soon as it had started"));
    }

    /** Stops the server and waits until it has stopped. Open connections are cut. */
    void stop() throws IOException {
        run(stopCommand(), "");
    }

    /** @return the command that stops the server */
    List<String> stopCommand() {
        return binaries.command("pg_ctl", "-D", data.toString(), "-m", "fast", "-w", "-t", STOP_SECONDS, "-s", "stop");
    }

    private String run(List<String> command, String input) throws IOException {
        return ProgramRun.of(command, input, folder);
    }

    /** @return whether the server last ended because somebody else has the port that it was given */
    boolean portWasTaken() {
        return lastComplaint().contains("TCP/IP socket");
    }

    /** @return the last complaint of the server, if there is one */
    String lastComplaint() {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("FATAL:") || line.contains("PANIC:"))
                    .reduce((before, last) -> last)
                    .map(line -> line.replaceAll(".*(FATAL|PANIC):\\s*", ""))
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}

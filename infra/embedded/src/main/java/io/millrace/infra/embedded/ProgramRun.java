package io.millrace.infra.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of PostgreSQL to its end. Safe from any thread; the thread that calls waits. */
final class ProgramRun {

    private static final long HAND_ON_SECONDS = 10;

    private ProgramRun() {}

    /**
     * @param input what it reads
     * @param folder where what it says is kept meanwhile
     * @return what it said
     * @throws IOException if it ended with another exit code than 0, or the thread was interrupted: then it was told to end
     */
    static String of(List<String> command, String input, Path folder) throws IOException {
        // The output goes to a file: a pipe would stay open as long as the server runs. What the running server says
        // goes to its log.
        Path output = Files.createTempFile(folder, "output", ".txt");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
                in.write(input);
            }
            int code = waitFor(process);
            String said = Files.readString(output);
            if (code != 0) {
                throw new IOException((said.isBlank() ? command + " ended with exit code " + code : said)
                        .strip()
                        .replaceAll("\\s*\\R\\s*", " "));
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command.getFirst() + " was at work", e);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /** Hands an interrupt on: pg_ctl then ends the server that it was starting, and initdb cleans up. */
    private static int waitFor(Process process) throws IOException, InterruptedException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            OrphanedPostgres.interrupt(process.toHandle());
            if (!process.waitFor(HAND_ON_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            throw e;
        }
    }
}

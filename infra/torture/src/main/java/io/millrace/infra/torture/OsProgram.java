package io.millrace.infra.torture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Programs that the operating system brings. Any thread. */
final class OsProgram {

    private OsProgram() {}

    /**
     * Runs it, and waits until it has ended.
     *
     * @throws IOException it is not there, or has failed; says what it said
     */
    static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        String what = "`" + String.join(" ", command) + "`";
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException("expected " + what + " to work, but it ended with " + code + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + what + " ran", e);
        }
    }
}

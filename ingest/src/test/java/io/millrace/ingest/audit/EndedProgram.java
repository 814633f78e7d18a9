package io.millrace.ingest.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What came of a program that a test ran to its end.
 *
 * @param code its exit code
 * @param said what it wrote, errors included
 */
public record EndedProgram(int code, String said) {

    /** Runs a program in this folder. */
    public static EndedProgram of(String... command) throws IOException, InterruptedException {
        return of(new ProcessBuilder(command));
    }

    /** Runs a program in the folder. */
    public static EndedProgram in(Path folder, String... command) throws IOException, InterruptedException {
        return of(new ProcessBuilder(command).directory(folder.toFile()));
    }

    private static EndedProgram of(ProcessBuilder program) throws IOException, InterruptedException {
        Process process = program.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new EndedProgram(process.waitFor(), said);
    }
}

package io.millrace.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void printsItsVersion() {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().startsWith("millrace "), out::toString);
    }

    @Test
    void printsItsHelp() {
        assertEquals(0, run("--help"));
        assertTrue(out.toString().contains("Usage: millrace"), out::toString);
    }

    @Test
    void refusesToRunWithoutACommand() {
        assertEquals(2, run());
        assertTrue(err.toString().startsWith("expected a command, but there is none"), err::toString);
    }

    @Test
    void refusesACommandThatItDoesNotKnow() {
        assertEquals(2, run("grind"));
        assertTrue(err.toString().contains("grind"), err::toString);
    }

    @Test
    void loadsNothingForCommandsThatAreNotRun() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load",
                        "-cp", System.getProperty("java.class.path"),
                        Main.class.getName(), "--version")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> loaded;
        try (var lines = process.inputReader()) {
            loaded = lines.lines().filter(line -> line.contains("io.millrace.")).toList();
        }

        assertEquals(0, process.waitFor());
        assertTrue(loaded.stream().anyMatch(line -> line.contains("infra.cli.BenchCommand ")), loaded::toString);
        assertEquals(List.of(), loaded.stream().filter(line -> line.matches(".*infra\\.bench\\.\\w+Bench .*")).toList());
    }

    private int run(String... args) {
        return Main.execute(args, new PrintWriter(out, true), new PrintWriter(err, true));
    }
}

package io.millrace.infra.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class AllCommandsTest {

    @Test
    void findsTheCommandsOfAllModules() {
        StringWriter out = new StringWriter();

        assertEquals(0, Main.execute(new String[] {"--help"}, new PrintWriter(out, true), new PrintWriter(out, true)));

        for (String command : List.of(
                "demo", "dev", "bench", "server", "topics", "rebuild-read-model", "workflow", "context", "help")) {
            assertTrue(out.toString().contains("\n  " + command + " "), out::toString);
        }
    }

    @Test
    void loadsNothingForCommandsThatAreNotRun() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "--version")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> loaded;
        try (var lines = process.inputReader()) {
            loaded = lines.lines().filter(line -> line.contains("io.millrace.")).toList();
        }

        assertEquals(0, process.waitFor());
        assertTrue(loaded.stream().anyMatch(line -> line.contains("infra.bench.BenchCommand ")), loaded::toString);
        assertEquals(
                List.of(),
                loaded.stream()
                        .filter(line -> line.matches(".*infra\\.bench\\.\\w+Bench .*"))
                        .toList());
    }
}

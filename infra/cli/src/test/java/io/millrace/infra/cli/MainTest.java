package io.millrace.infra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertTrue(
                err.toString().startsWith("millrace: expected a command, but there is none; `millrace --help`"),
                err::toString);
    }

    @Test
    void refusesACommandThatItDoesNotKnow() {
        assertEquals(2, run("grind"));
        assertTrue(err.toString().contains("grind"), err::toString);
    }

    @Test
    void listsTheCommandsOfProductionAlone() {
        assertEquals(0, run("--help"));
        for (String command : List.of("server", "topics", "rebuild-read-model", "help")) {
            assertTrue(out.toString().contains("\n  " + command + " "), out::toString);
        }
        for (String command : List.of("dev", "demo", "bench")) {
            assertFalse(out.toString().contains("\n  " + command + " "), out::toString);
        }
    }

    /** One that stands in no section of the help would be found behind all others only. */
    @Test
    void showsEachCommandInASectionOfItsOwn() {
        assertEquals(0, run("--help"));
        String besides = out.toString().substring(out.toString().indexOf("\nBesides:"));
        assertEquals(
                List.of("version", "completion", "help"),
                besides.lines()
                        .filter(line -> line.matches("  \\S.*"))
                        .map(line -> line.strip().split(" ")[0])
                        .toList());
        assertTrue(out.toString().contains("\nRun nodes:\n  server "), out::toString);
    }

    @Test
    void saysThatDataOfDevNeedsAnotherClassPath(@TempDir Path folder) {
        assertEquals(1, run("rebuild-read-model", "--reason", "r", "--data", folder.toString()));
        assertTrue(
                err.toString().startsWith("millrace: expected the embedded Kafka and PostgreSQL for --data, but"),
                err::toString);
    }

    private int run(String... args) {
        return Main.execute(args, new PrintWriter(out, true), new PrintWriter(err, true));
    }
}

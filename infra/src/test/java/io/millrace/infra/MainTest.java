package io.millrace.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
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

    private int run(String... args) {
        return Main.execute(args, new PrintWriter(out, true), new PrintWriter(err, true));
    }
}

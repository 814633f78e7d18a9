package io.millrace.infra.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The terminal, as long as it hands on each key at once and shows none of them. It is as before when this is closed, or the process
 * ends. One thread.
 */
final class RawTerminal implements AutoCloseable {

    /** Set by the launcher if standard input and output are both a terminal. */
    private static final String KEYS = "millrace.keys";

    private static final int PATIENCE_SECONDS = 5;
    private static final int ROWS = 24;
    private static final int COLUMNS = 80;

    private final String before;
    private final Thread atTheEnd;
    private final int rows;
    private final int columns;

    /** @return whether somebody is there to press keys, and to look */
    static boolean there() {
        return Boolean.getBoolean(KEYS);
    }

    /** @throws IOException the terminal cannot be set */
    RawTerminal() throws IOException {
        before = stty("-g");
        String[] size = stty("size").split(" ");
        rows = number(size, 0, ROWS);
        columns = number(size, 1, COLUMNS);
        atTheEnd = new Thread(this::restore, "millrace-terminal");
        Runtime.getRuntime().addShutdownHook(atTheEnd);
        stty("-icanon", "-echo", "-isig", "min", "1", "time", "0");
    }

    private static int number(String[] size, int place, int otherwise) {
        return size.length > place && size[place].matches("[1-9][0-9]{0,3}")
                ? Integer.parseInt(size[place])
                : otherwise;
    }

    private static String stty(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("stty"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.INHERIT)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("expected `" + String.join(" ", command) + "` to work, but: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("expected to wait for stty, but was interrupted", e);
        }
        return said;
    }

    private void restore() {
        try {
            stty(before);
        } catch (IOException e) {
            // There is nothing else that could be done, and nobody to tell.
        }
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atTheEnd);
        restore();
    }
}

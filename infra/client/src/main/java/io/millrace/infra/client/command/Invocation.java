package io.millrace.infra.client.command;

import io.millrace.infra.client.print.Screen;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;

/**
 * How a command was called: everything that it may see of its process.
 *
 * @param environment environment variables
 * @param folder folder in which it was called
 * @param in standard input
 * @param screen what standard output is
 * @param clock tells the time
 * @param zone time zone of the user
 */
public record Invocation(
        Map<String, String> environment, Path folder, InputStream in, Screen screen, InstantSource clock, ZoneId zone) {

    /** The launcher sets it to the width of the terminal, if standard output is a terminal. */
    static final String COLUMNS = "millrace.columns";

    /** @return that of this process */
    public static Invocation ofProcess() {
        return new Invocation(
                System.getenv(),
                Path.of("").toAbsolutePath(),
                System.in,
                Screen.of(System.getProperty(COLUMNS, ""), System.getenv()),
                InstantSource.system(),
                ZoneId.systemDefault());
    }
}

package io.millrace.infra.client;

import io.millrace.infra.client.print.Screen;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;

/**
 * What a command has around it.
 *
 * @param environment variables
 * @param folder where it was called
 * @param in standard input
 * @param screen what standard output is
 * @param clock what time it is
 * @param zone where the user is
 */
public record Surroundings(
        Map<String, String> environment, Path folder, InputStream in, Screen screen, InstantSource clock, ZoneId zone) {

    /** Set by the launcher to the width of the terminal, where standard output is one. */
    static final String COLUMNS = "millrace.columns";

    /** @return those of this process */
    public static Surroundings ofProcess() {
        return new Surroundings(
                System.getenv(),
                Path.of("").toAbsolutePath(),
                System.in,
                Screen.of(System.getProperty(COLUMNS, ""), System.getenv()),
                InstantSource.system(),
                ZoneId.systemDefault());
    }
}

package io.millrace.infra.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A JVM of its own with this one's class path, for tests that kill what they test. */
record ChildProcess(Class<?> main, String argument) {

    Process start() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = List.of(java, "-cp", System.getProperty("java.class.path"), main.getName(), argument);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}

package io.millrace.infra.system;

import io.millrace.infra.cli.Main;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the JVM has learned of one start of a server, kept for the processes that tests start: it takes a third off the processor
 * time of each start. Recorded once in each JVM of tests, when the first process is wanted. There is none on a JDK before 25, nor
 * where modules are not packed into jars, as in {@code mvn test}: then starts only take longer. Safe from any thread.
 */
final class StartCache {

    private static final int FIRST_JDK = 25;
    private static final Path FILE = Path.of("target", "start.aot").toAbsolutePath();
    private static final Path LOG = Path.of("target", "start-aot.log");

    private static List<String> options;

    private StartCache() {}

    /** @return the class path of our commands: that of the tests, without the tests themselves */
    static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("/system-tests/target/test-classes")
                        && !entry.endsWith("/system-tests/target/classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /**
     * @param java the program and its options
     * @return options besides those, for processes on {@link #classPath}
     */
    static synchronized List<String> options(List<String> java) {
        if (options == null) {
            options = fits() && record(java) ? List.of("-XX:AOTCache=" + FILE, "-Xlog:aot*=error") : List.of();
        }
        return options;
    }

    private static boolean fits() {
        return Runtime.version().feature() >= FIRST_JDK
                && Arrays.stream(classPath().split(File.pathSeparator))
                        .noneMatch(entry -> Files.isDirectory(Path.of(entry)));
    }

    /** As the launcher records the one of `millrace dev`. */
    private static boolean record(List<String> java) {
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of(
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-AOTRecordTraining",
                "-XX:AOTCacheOutput=" + FILE,
                "-cp",
                classPath(),
                Main.class.getName(),
                "warm-up"));
        try {
            int code = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(LOG.toFile())
                    .start()
                    .waitFor();
            if (code != 0 || !Files.exists(FILE)) {
                throw new AssertionError("expected the JVM to record a start, but see " + LOG.toAbsolutePath());
            }
            return true;
        } catch (IOException e) {
            throw new AssertionError("expected the JVM to record a start, but it did not begin", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}

package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The golden logs on JVMs that differ from the one of the build in whatever could change a result: default charset,
 * language, time zone, hashes of objects, collector, compiler. Each further JDK that is installed is tried too.
 */
class GoldenLogsElsewhereTest {

    private static final int OLDEST_JDK = 21;
    private static final long LIMIT_S = 300;

    /** Numbers with other digits, an i without a dot, a day that does not exist: so much may go wrong with a default. */
    private static final List<String> OTHER_DEFAULTS = List.of(
            "-Dfile.encoding=COMPAT",
            "-Duser.language=tr",
            "-Duser.country=TR",
            "-Duser.timezone=Pacific/Apia",
            "-XX:+UnlockExperimentalVMOptions",
            "-XX:hashCode=2",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1");

    static Stream<Path> jdks() throws IOException {
        Path own = Path.of(System.getProperty("java.home")).toRealPath();
        List<Path> jdks = new ArrayList<>(List.of(own));
        Path installed = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(installed)) {
            try (Stream<Path> folders = Files.list(installed)) {
                folders.filter(folder -> !Files.isSymbolicLink(folder) && !folder.equals(own))
                        .filter(folder -> version(folder) >= OLDEST_JDK)
                        .forEach(jdks::add);
            }
        }
        return jdks.stream();
    }

    /** @return feature release of the JDK in the folder; 0: there is none */
    private static int version(Path folder) {
        Path release = folder.resolve("release");
        if (!Files.isExecutable(folder.resolve("bin/java")) || !Files.isReadable(release)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(release)) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION=\""))
                    .map(line -> line.substring("JAVA_VERSION=\"".length(), line.length() - 1))
                    .findFirst()
                    .map(text -> Runtime.Version.parse(text).feature())
                    .orElse(0);
        } catch (IOException | RuntimeException e) {
            return 0; // no JDK that we could run
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void theSameComesOfTheLogsOnAnotherJvm(Path jdk) throws Exception {
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString()));
        command.addAll(OTHER_DEFAULTS);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), GoldenLogsElsewhereTest.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C"); // of which the charset comes
        builder.environment().remove("JDK_JAVA_OPTIONS");

        Process process = builder.start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(LIMIT_S, TimeUnit.SECONDS), "expected it to end");
            assertEquals(0, process.exitValue(), said);
            assertTrue(said.contains("US-ASCII tr_TR Pacific/Apia\n"), said);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Carries out all golden logs in this JVM; what differs ends it with an exception. */
    public static void main(String[] args) throws IOException {
        System.out.println(Charset.defaultCharset() + " " + Locale.getDefault() + " "
                + TimeZone.getDefault().getID());
        GoldenLogsTest logs = new GoldenLogsTest();
        for (Object[] version :
                GoldenLogsTest.versions().map(arguments -> arguments.get()).toList()) {
            logs.theSameComesOfALogForEver((int) version[0], (String) version[1]);
        }
    }
}

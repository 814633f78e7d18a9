package io.millrace.infra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.client.ClientCommands;
import io.millrace.infra.client.ClientMain;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The script of the archives, on a folder that looks like an unpacked one; and that of the sources beside it. */
class LauncherTest {

    private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final Path SCRIPT = ROOT.resolve("infra/deploy/src/main/dist/bin/millrace");
    private static final Pattern CLIENT_LINE = Pattern.compile("\\n *(workflow \\|[^)]*)\\) module=client");
    private static final Pattern JVM_OPTION =
            Pattern.compile("(?<!\\S)(-XX:[A-Za-z0-9+=.:-]+|--[a-z-]+=[A-Za-z-]+|-Dio\\.[\\w.=]+)");

    private static final Pattern IMAGE_OPTION = Pattern.compile("<jvmFlag>([^<]+)</jvmFlag>");

    private static final TempFolder FOLDER = new TempFolder();

    private static Path home;

    @BeforeAll
    static void unpack() throws IOException {
        home = FOLDER.path().resolve("millrace-test");
        Path script = home.resolve("bin/millrace");
        Files.createDirectories(script.getParent());
        Files.copy(SCRIPT, script);
        assertTrue(script.toFile().setExecutable(true));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path from = Path.of(entry);
            boolean client = entry.matches(".*(infra/client/|millrace-client|picocli-|jackson-core-).*");
            Path lib = Files.createDirectories(home.resolve(client ? "lib/client" : "lib/server"));
            if (Files.isDirectory(from)) {
                pack(
                        from,
                        lib.resolve(ROOT.relativize(from.toAbsolutePath().normalize())
                                        .toString()
                                        .replace('/', '-') + ".jar"));
            } else if (Files.exists(from)) {
                Files.createSymbolicLink(lib.resolve(from.getFileName()), from.toAbsolutePath());
            }
        }
    }

    @AfterAll
    static void delete() throws IOException {
        FOLDER.close();
    }

    @Test
    void asksByTheFewJarsOfTheClient() throws Exception {
        Said version = run(Map.of(), home.resolve("bin/millrace"), "version");
        assertEquals(0, version.code(), version::text);
        assertTrue(version.text().startsWith("millrace "), version::text);

        Said status = run(
                Map.of(),
                home.resolve("bin/millrace"),
                "schedule",
                "list",
                "--url",
                "http://127.0.0.1:1",
                "--org",
                "dev");
        assertEquals(4, status.code(), status::text);
    }

    @Test
    void isFoundThroughALinkAndSaysWhatTheConfigurationLacks() throws Exception {
        Path link = Files.createSymbolicLink(FOLDER.path().resolve("link"), Path.of("millrace-test/bin/millrace"));

        Said server = run(Map.of(), link, "server");

        assertEquals(1, server.code(), server::text);
        assertTrue(server.text().contains("kafka.bootstrap_servers"), server::text);
    }

    @Test
    void saysWhatToInstallWhereThereIsNoJava() throws Exception {
        Said wrong = run(Map.of("MILLRACE_JAVA_HOME", "/nowhere"), home.resolve("bin/millrace"), "version");
        assertEquals(1, wrong.code());
        assertTrue(
                wrong.text().contains("expected MILLRACE_JAVA_HOME to name a Java 21 or newer, but /nowhere is none"),
                wrong::text);
    }

    @Test
    void bothScriptsSayWhichVersionIsTooOld() throws Exception {
        Path old = FOLDER.path().resolve("jdk-17");
        Files.createDirectories(old.resolve("bin"));
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
        Files.createFile(old.resolve("bin/java"));
        assertTrue(old.resolve("bin/java").toFile().setExecutable(true));

        for (Path script : List.of(home.resolve("bin/millrace"), ROOT.resolve("millrace"))) {
            Said wrong = run(Map.of("MILLRACE_JAVA_HOME", old.toString()), script, "version");
            assertEquals(1, wrong.code(), wrong::text);
            assertTrue(wrong.text().endsWith(" 21 or newer, but " + old + " has version 17\n"), wrong::text);
        }
    }

    @Test
    void theScriptOfTheSourcesTellsItsJdk() throws Exception {
        Said jdk = run(Map.of(), ROOT.resolve("millrace"), "jdk");
        assertEquals(0, jdk.code(), jdk::text);
        assertEquals(System.getProperty("java.home") + "\n", jdk.text());
    }

    @Test
    void namesTheArchiveThatHasWhatIsForDevelopment() throws Exception {
        Said dev = run(Map.of(), home.resolve("bin/millrace"), "dev");
        assertEquals(1, dev.code());
        assertTrue(dev.text().contains("the archive millrace-dev has it"), dev::text);
    }

    /** Maven writes down where the modules of the tree are that it builds. */
    @Test
    void aCopyOfABuiltTreeRunsItsOwnJars() throws Exception {
        Path copy = FOLDER.path().resolve("copy");
        Path script = copy.resolve("millrace");
        Path own = copy.resolve("infra/client/target/millrace-client-1.jar");
        Path wire = copy.resolve("proto/wire/target/millrace-wire-1.jar");
        Path library = FOLDER.path().resolve("repository/infra/client/library-1.jar");
        for (Path jar : List.of(own, wire, library)) {
            Files.createDirectories(jar.getParent());
            Files.writeString(jar, "jar");
        }
        Files.copy(ROOT.resolve("millrace"), script);
        assertTrue(script.toFile().setExecutable(true));
        Files.writeString(
                own.resolveSibling("classpath.txt"),
                "/where/it/was/built/proto/wire/target/millrace-wire-1.jar:" + library);

        Said said = run(Map.of(), script, "class-path", "version");

        assertEquals(0, said.code(), said::text);
        for (Path jar : List.of(own, wire, library)) {
            assertTrue(said.text().contains("  " + jar + "\n"), said::text);
        }
        assertTrue(said.text().contains(" in 3 jars"), said::text);
    }

    @Test
    void ofTwoCallsOneBuildsAndTheOtherWaits() throws Exception {
        UnbuiltTree tree = new UnbuiltTree(FOLDER.path().resolve("two"));
        Process first = tree.start();
        Await.until("the first to build", () -> tree.builds() == 1);
        Process second = tree.start();
        Await.until(
                "the second to say that it waits",
                () -> tree.saidBy(second).contains("waiting for process " + first.pid() + ", which builds this tree"));

        tree.endBuild();

        for (Process call : List.of(first, second)) {
            assertEquals(0, call.waitFor(), () -> tree.saidBy(call));
            assertTrue(tree.saidBy(call).contains(" in 2 jars"), () -> tree.saidBy(call));
        }
        assertEquals(1, tree.builds());
        assertFalse(Files.exists(tree.lock(), LinkOption.NOFOLLOW_LINKS));
    }

    /** Of a number that no system gives; and of one that another process has by now, as after a restart of a container. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLockOfADeadProcessIsTakenOverByOneOfThoseThatWait(boolean numberIsTaken) throws Exception {
        UnbuiltTree tree = new UnbuiltTree(FOLDER.path().resolve("dead-" + numberIsTaken));
        Files.createDirectories(tree.lock().getParent());
        long number = numberIsTaken ? ProcessHandle.current().pid() : 99_999_999;
        Files.createSymbolicLink(tree.lock(), Path.of(number + ".1"));
        List<Process> calls = List.of(tree.start(), tree.start(), tree.start());
        Await.until("one to build", () -> tree.builds() == 1);
        Await.until(
                "the others to wait",
                () -> calls.stream()
                                .filter(call -> tree.saidBy(call).contains("waiting for process"))
                                .count()
                        == 2);

        tree.endBuild();

        for (Process call : calls) {
            assertEquals(0, call.waitFor(), () -> tree.saidBy(call));
        }
        assertEquals(1, tree.builds());
    }

    @Test
    void whoeverAsksAServerIsToldThatABuildIsUnderWay() throws Exception {
        UnbuiltTree tree = new UnbuiltTree(FOLDER.path().resolve("asked"));
        Path jar = tree.root().resolve("infra/client/target/millrace-client-1.jar");
        Files.createDirectories(jar.getParent());
        Files.writeString(jar, "jar");
        Files.writeString(jar.resolveSibling("classpath.txt"), jar.toString());
        Process server = tree.start("class-path", "dev");
        Await.until("the server to be built", () -> tree.builds() == 1);

        Process asks = tree.start("status");

        assertEquals(1, asks.waitFor(), () -> tree.saidBy(asks)); // there is nothing in the jar
        assertTrue(
                tree.saidBy(asks).startsWith("millrace: process " + server.pid() + " still builds this tree"),
                () -> tree.saidBy(asks));
        tree.endBuild();
        server.waitFor();
    }

    @Test
    void aBuildThatFailsGivesTheLockBack() throws Exception {
        UnbuiltTree tree = new UnbuiltTree(FOLDER.path().resolve("failed"));
        Files.writeString(tree.mvn(), "#!/bin/sh\nexit 1\n");

        Process call = tree.start();

        assertEquals(1, call.waitFor(), () -> tree.saidBy(call));
        assertTrue(tree.saidBy(call).contains("expected the build to work, but it failed"), () -> tree.saidBy(call));
        assertFalse(Files.exists(tree.lock(), LinkOption.NOFOLLOW_LINKS));
    }

    /** A tree without a build, beside a Maven that builds it once it is told to. */
    private record UnbuiltTree(Path root) {

        UnbuiltTree {
            try {
                Files.createDirectories(root.resolve("bin"));
                Files.copy(ROOT.resolve("millrace"), root.resolve("millrace"));
                assertTrue(root.resolve("millrace").toFile().setExecutable(true));
                Path mvn = root.resolve("bin/mvn");
                Files.writeString(mvn, """
                        #!/bin/sh
                        echo build >>builds
                        until [ -e end ] || [ ! -e builds ]; do sleep 0.1; done
                        mkdir -p infra/client/target infra/cli/target infra/dev/target
                        echo jar >infra/client/target/millrace-client-1.jar
                        printf %s "$PWD/infra/client/target/millrace-client-1.jar" >infra/client/target/classpath.txt
                        """);
                assertTrue(mvn.toFile().setExecutable(true));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Path mvn() {
            return root.resolve("bin/mvn");
        }

        Path lock() {
            return root.resolve("infra/dev/target/build.lock");
        }

        Process start() throws IOException {
            return start("class-path", "version");
        }

        Process start(String... arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of("./millrace"));
            command.addAll(List.of(arguments));
            ProcessBuilder call = new ProcessBuilder(command).directory(root.toFile());
            Path said = Files.createTempFile(root, "said", "");
            environment(call, Map.of("PATH", root.resolve("bin") + ":/usr/bin:/bin"));
            Process process =
                    call.redirectErrorStream(true).redirectOutput(said.toFile()).start();
            process.getOutputStream().close();
            Files.createSymbolicLink(root.resolve("said-by-" + process.pid()), said);
            return process;
        }

        String saidBy(Process call) {
            return read(root.resolve("said-by-" + call.pid()));
        }

        /** @return how often Maven was called */
        long builds() {
            Path builds = root.resolve("builds");
            return Files.exists(builds) ? read(builds).lines().count() : 0;
        }

        void endBuild() throws IOException {
            Files.createFile(root.resolve("end"));
        }

        private static String read(Path file) {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A command that is missing there would still work, and start a second later than it needs to. */
    @Test
    void bothScriptsKnowEachCommandThatOnlyAsks() throws IOException {
        CommandLine root = new CommandLine(new ClientMain());
        ClientCommands.addTo(root, Invocation.ofProcess());
        Set<String> commands = new TreeSet<>(root.getSubcommands().keySet());
        commands.remove("audit"); // only its list

        for (Path script : List.of(SCRIPT, ROOT.resolve("millrace"))) {
            var line = CLIENT_LINE.matcher(Files.readString(script));
            assertTrue(line.find(), script::toString);
            assertEquals(commands, new TreeSet<>(List.of(line.group(1).split(" \\| "))), script::toString);
        }
    }

    @Test
    void bothScriptsAndTheImageGiveTheJvmTheSameOptions() throws IOException {
        Set<String> sources = options(ROOT.resolve("millrace"));
        // Those by which start caches are recorded and used, which fit one build.
        sources.removeIf(option -> option.contains("AOT") || option.equals("-XX:+UnlockDiagnosticVMOptions"));
        assertFalse(sources.size() < 8, sources::toString);
        assertEquals(sources, options(SCRIPT));

        Set<String> image = IMAGE_OPTION
                .matcher(Files.readString(ROOT.resolve("infra/deploy/pom.xml")))
                .results()
                .map(option -> option.group(1))
                .filter(option -> !option.startsWith("-Dfile."))
                .collect(Collectors.toCollection(TreeSet::new));
        // Those of commands that only ask, and those that a Java 21 does not know.
        sources.removeAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        sources.removeAll(List.of("--sun-misc-unsafe-memory-access=allow", "-XX:+UseCompactObjectHeaders"));
        assertEquals(sources, image);
    }

    private static Set<String> options(Path script) throws IOException {
        String code = Files.readAllLines(script).stream()
                .filter(line -> !line.strip().startsWith("#"))
                .collect(Collectors.joining("\n"))
                .replaceAll("[()\"']", " ");
        return JVM_OPTION
                .matcher(code)
                .results()
                .map(option -> option.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private record Said(int code, String text) {}

    private static Said run(Map<String, String> environment, Path script, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        environment(builder, environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), text);
    }

    private static void environment(ProcessBuilder builder, Map<String, String> more) {
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of("PATH", "/usr/bin:/bin", "MILLRACE_JAVA_HOME", System.getProperty("java.home")));
        builder.environment().putAll(more);
    }

    private static void pack(Path classes, Path jar) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                entries.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, entries);
            }
        }
    }
}

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Unpacks the archives and uses them as an operator would: with a Java and nothing else of the build. The server of the
 * archive runs the workflows of the demo, on a Kafka and a PostgreSQL that the archive for development starts. Then
 * writes the archives' checksums.
 */
final class TryArchives {

    private final Path target;
    private final String version;
    private final Path place;

    private TryArchives(Path root, String version) {
        this.target = root.resolve("infra/deploy/target");
        this.version = version;
        this.place = target.resolve("tried");
    }

    /** @param arguments the repository, and the version */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        new TryArchives(Path.of(arguments[0]).toRealPath(), arguments[1]).run();
    }

    private void run() throws IOException, InterruptedException {
        delete(place);
        Files.createDirectories(place);
        String name = "millrace-" + version;
        Path server = unpack(name);
        Path dev = unpack("millrace-dev-" + version);
        expectSame(server, target.resolve(name + ".zip"));

        expect(0, "millrace " + version, server, "--version");
        expect(0, "millrace " + version, server, "version");
        expect(1, "expected a command of production, but 'dev' is for development", server, "dev");
        expect(1, "kafka.bootstrap_servers", server, "server");
        expect(
                1,
                "expected MILLRACE_JAVA_HOME to name a Java 21 or newer",
                Map.of("MILLRACE_JAVA_HOME", "/"),
                server,
                "version");
        expect(
                0,
                "All results are right.",
                dev,
                "warm-up",
                "--check",
                "--",
                server.resolve("bin/millrace").toString());

        checksums(List.of(
                name + ".tar.gz",
                name + ".zip",
                "millrace-dev-" + version + ".tar.gz",
                "millrace_" + version + "_all.deb"));
        delete(place);
    }

    private Path unpack(String name) throws IOException, InterruptedException {
        Path archive = target.resolve(name + ".tar.gz");
        expectCommand(List.of("tar", "-xzf", archive.toString(), "-C", place.toString()), "");
        Path home = place.resolve(name);
        for (String line : Files.readAllLines(home.resolve("SHA256SUMS"))) {
            String file = line.substring(66);
            if (!line.startsWith(sha256(Files.readAllBytes(home.resolve(file))))) {
                throw new IllegalStateException("expected " + file + " of " + archive + " as SHA256SUMS says");
            }
        }
        return home;
    }

    private static void expectSame(Path unpacked, Path zip) throws IOException {
        Map<String, String> there = new TreeMap<>();
        try (Stream<Path> files = Files.walk(unpacked)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                there.put(unpacked.getParent().relativize(file).toString(), sha256(Files.readAllBytes(file)));
            }
        }
        Map<String, String> zipped = new TreeMap<>();
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry :
                    file.stream().filter(entry -> !entry.isDirectory()).toList()) {
                try (InputStream in = file.getInputStream(entry)) {
                    zipped.put(entry.getName(), sha256(in.readAllBytes()));
                }
            }
        }
        if (!there.equals(zipped)) {
            throw new IllegalStateException("expected the same files in " + zip + " as in the other archive");
        }
    }

    private static void expect(int code, String text, Path home, String... arguments)
            throws IOException, InterruptedException {
        expect(code, text, Map.of(), home, arguments);
    }

    private static void expect(int code, String text, Map<String, String> environment, Path home, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin/millrace").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .directory(home.getParent().toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("MILLRACE_") || name.equals("JDK_JAVA_OPTIONS"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int ended = process.waitFor();
        if (ended != code || !said.contains(text)) {
            throw new IllegalStateException("expected " + command + " to end with " + code + " and to say '" + text
                    + "', but it ended with " + ended + " and said:\n" + said);
        }
        System.out.println("as expected: " + String.join(" ", arguments));
    }

    private static void expectCommand(List<String> command, String text) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0 || !said.contains(text)) {
            throw new IllegalStateException("expected " + command + " to work, but it said: " + said);
        }
    }

    private void checksums(List<String> names) throws IOException {
        StringBuilder sums = new StringBuilder();
        for (String name : names) {
            sums.append(sha256(Files.readAllBytes(target.resolve(name))))
                    .append("  ")
                    .append(name)
                    .append('\n');
        }
        Files.writeString(target.resolve("millrace-" + version + ".sha256"), sums);
        System.out.print(sums);
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Puts together what the archives hold: {@code target/stage/server} for production, and {@code target/stage/dev} with the
 * commands for development besides. Needs the class paths that the modules client, cli and dev have written.
 */
final class Stage {

    /** Of the jars that a server in production runs on, bytes. */
    private static final long LARGEST = 120_000_000;

    /** What jars say of licences. */
    private static final Pattern LEGAL = Pattern.compile(
            "(META-INF/)?(licenses?/)?(LICENSE|LICENCE|NOTICE|COPYING|COPYRIGHT|about)[^/]*(\\.(txt|md|html))?"
                    + "|META-INF/(licenses?|LICENSES?)/[^/]+(/[^/]+)?",
            Pattern.CASE_INSENSITIVE);

    /** Of libraries whose jars hold no text: which text holds for them. */
    private static final Pattern APACHE = Pattern.compile("\\(Apache-2\\.0\\)");

    private final Path root;
    private final String version;
    private final Path module;
    private final Path target;

    private Stage(Path root, String version) {
        this.root = root;
        this.version = version;
        this.module = root.resolve("infra/deploy");
        this.target = module.resolve("target");
    }

    /** @param arguments the repository, and the version */
    public static void main(String[] arguments) throws IOException {
        Stage stage = new Stage(Path.of(arguments[0]).toRealPath(), arguments[1]);
        Set<Path> client = stage.jars("client");
        Set<Path> server = stage.jars("cli");
        server.removeAll(client);
        Set<Path> dev = stage.jars("dev");
        dev.removeAll(client);
        dev.removeAll(server);
        stage.expectSmall(client, server);
        stage.expectVersion("helm/millrace/Chart.yaml", "appVersion: " + stage.version + "\n");
        stage.expectVersion("compose/compose.yaml", "millrace:" + stage.version + "}");
        stage.fill("server", Map.of("client", client, "server", server), "infra/deploy/target");
        stage.fill("dev", Map.of("client", client, "server", server, "dev", dev), "infra/dev/target");
        stage.image();
    }

    /** What the image holds besides the jars, which Jib lays out itself. */
    private void image() throws IOException {
        Path from = target.resolve("stage/server");
        Path to = target.resolve("stage/image/usr/share/doc/millrace");
        delete(target.resolve("stage/image"));
        copyTree(from.resolve("licenses"), to.resolve("licenses"));
        Files.copy(from.resolve("LICENSE"), to.resolve("LICENSE"));
        Files.copy(from.resolve("sbom.cdx.json"), to.resolve("sbom.cdx.json"));
        Files.createDirectories(target.resolve("classes")); // there are none, and Jib looks for them
    }

    /** The module's own jar, and those that it runs on, in the order of its class path. */
    private Set<Path> jars(String name) throws IOException {
        Path list = root.resolve("infra/" + name + "/target/classpath.txt");
        if (!Files.exists(list)) {
            throw new IllegalStateException(
                    "expected " + list + " of the module's build, but it is not there; build without -pl");
        }
        Set<Path> jars = new LinkedHashSet<>();
        jars.add(root.resolve("infra/" + name + "/target/millrace-" + name + "-" + version + ".jar"));
        Arrays.stream(Files.readString(list).strip().split(java.io.File.pathSeparator))
                .map(Path::of)
                .map(Path::normalize)
                .forEach(jars::add);
        for (Path jar : jars) {
            if (!Files.isRegularFile(jar)) {
                throw new IllegalStateException("expected the jar " + jar + ", but there is none; build without -pl");
            }
        }
        return jars;
    }

    private void expectSmall(Set<Path> client, Set<Path> server) {
        long sum = Stream.concat(client.stream(), server.stream())
                .mapToLong(jar -> jar.toFile().length())
                .sum();
        boolean allPlatforms =
                server.stream().anyMatch(jar -> jar.getFileName().toString().matches("rocksdbjni-[0-9.]+\\.jar"));
        System.out.printf("The class path of production has %.1f MB.%n", sum / 1e6);
        if (sum > LARGEST && !allPlatforms) {
            throw new IllegalStateException("expected at most " + LARGEST + " bytes of jars, but there are " + sum);
        }
    }

    private void expectVersion(String file, String text) throws IOException {
        if (!Files.readString(module.resolve("src/main").resolve(file)).contains(text)) {
            throw new IllegalStateException("expected '" + text.strip() + "' in src/main/" + file);
        }
    }

    private void fill(String name, Map<String, Set<Path>> jars, String lists) throws IOException {
        Path to = target.resolve("stage/" + name);
        delete(to);
        copyTree(module.resolve("src/main/dist"), to);
        copyTree(root.resolve("docs"), to.resolve("docs"));
        for (String folder : List.of("compose", "helm", "observe", "systemd")) {
            copyTree(module.resolve("src/main").resolve(folder), to.resolve(folder));
        }
        // A chart holds all that it needs, and the rules stand in one place.
        Files.copy(to.resolve("observe/prometheus/alerts.yml"), to.resolve("helm/millrace/alerts.yml"));
        for (String page : List.of("LICENSE", "CHANGELOG.md", "SECURITY.md")) {
            Files.copy(root.resolve(page), to.resolve(page));
        }
        Files.writeString(to.resolve("etc/all-settings.toml"), allSettings());
        Path bill = root.resolve(lists).resolve("bom.json");
        if (!Files.exists(bill)) {
            throw new IllegalStateException("expected the bill of materials, " + bill
                    + ", but it is not there: it is not made offline (mvn -o)");
        }
        Files.copy(bill, to.resolve("sbom.cdx.json"));
        Path licenses = Files.createDirectories(to.resolve("licenses"));
        Path thirdParty = root.resolve(lists).resolve("generated-sources/license/THIRD-PARTY.txt");
        Files.copy(thirdParty, licenses.resolve("THIRD-PARTY.txt"));
        List<String> silent = new ArrayList<>();
        for (Map.Entry<String, Set<Path>> folder : jars.entrySet()) {
            Path lib = Files.createDirectories(to.resolve("lib").resolve(folder.getKey()));
            for (Path jar : folder.getValue()) {
                Path copy = lib.resolve(jar.getFileName());
                if (Files.exists(copy)) {
                    throw new IllegalStateException("expected one jar of each name, but there are two " + copy);
                }
                Files.copy(jar, copy);
                if (!jar.getFileName().toString().startsWith("millrace-") && !legalTexts(jar, licenses)) {
                    silent.add(jar.getFileName().toString());
                }
            }
        }
        addTexts(silent, Files.readAllLines(thirdParty), licenses);
        checksums(to);
    }

    /** @return whether the jar has any */
    private static boolean legalTexts(Path jar, Path licenses) throws IOException {
        boolean any = false;
        Path folder = licenses.resolve(jar.getFileName().toString().replaceAll("\\.jar$", ""));
        try (JarFile file = new JarFile(jar.toFile())) {
            for (var entry : file.stream().filter(entry -> !entry.isDirectory()).toList()) {
                if (LEGAL.matcher(entry.getName()).matches() && !entry.getName().endsWith(".class")) {
                    Path copy = folder.resolve(entry.getName().replaceFirst("^META-INF/", ""));
                    Files.createDirectories(copy.getParent());
                    try (InputStream in = file.getInputStream(entry)) {
                        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
                    }
                    any = true;
                }
            }
        }
        return any;
    }

    /**
     * A library whose jar has no text is under the Apache License, whose text is there; otherwise src/main/licenses has the
     * text, in a file with the name of the jar without its version.
     */
    private void addTexts(List<String> silent, List<String> thirdParty, Path licenses) throws IOException {
        List<String> missing = new ArrayList<>();
        for (String jar : silent) {
            String artifact = jar.replaceAll("-[0-9][^/]*\\.jar$", "");
            boolean apache = thirdParty.stream()
                    .filter(line -> line.contains(":" + artifact + ":"))
                    .anyMatch(line -> APACHE.matcher(line).find());
            Path text = module.resolve("src/main/licenses/" + artifact + ".txt");
            if (Files.exists(text)) {
                Files.copy(text, licenses.resolve(artifact + ".txt"));
            } else if (!apache) {
                missing.add(artifact);
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "expected the text of the licence in src/main/licenses, since the jar has none, of " + missing);
        }
    }

    /** Every setting as docs/configuration.md has it, which a test holds against the code; all of them commented out. */
    private String allSettings() throws IOException {
        Map<String, StringBuilder> tables = new LinkedHashMap<>();
        for (String line : Files.readAllLines(root.resolve("docs/configuration.md"))) {
            if (!line.startsWith("| `")) {
                continue;
            }
            String[] cells = line.substring(1).split("\\|");
            String key = cells[0].replace("`", "").strip();
            String value = cells[2].replace("`", "").strip();
            int dot = key.lastIndexOf('.');
            StringBuilder table = tables.computeIfAbsent(key.substring(0, dot), name -> new StringBuilder());
            wrapped(table, cells[4].strip() + " Here stands " + cells[1].strip() + ".");
            table.append('#')
                    .append(key.substring(dot + 1))
                    .append(" = \"")
                    .append(value)
                    .append("\"\n\n");
        }
        if (tables.size() < 5) {
            throw new IllegalStateException(
                    "expected the table of settings in docs/configuration.md, but found " + tables);
        }
        StringBuilder text = new StringBuilder();
        wrapped(
                text,
                "Every setting, with the value that it has if nobody says another one; empty where there is none."
                        + " Copy what you need to millrace.toml. docs/configuration.md tells more.");
        tables.forEach((name, settings) ->
                text.append("\n[").append(name).append("]\n\n").append(settings));
        return text.toString().strip() + "\n";
    }

    private static void wrapped(StringBuilder to, String comment) {
        StringBuilder line = new StringBuilder("#");
        for (String word : comment.split(" ")) {
            if (line.length() + word.length() > 110) {
                to.append(line).append('\n');
                line = new StringBuilder("#");
            }
            line.append(' ').append(word);
        }
        to.append(line).append('\n');
    }

    /** Writes SHA256SUMS over all other files, as sha256sum -c reads it. */
    private static void checksums(Path folder) throws IOException {
        StringBuilder sums = new StringBuilder();
        for (Path file : files(folder)) {
            sums.append(sha256(file))
                    .append("  ")
                    .append(folder.relativize(file))
                    .append('\n');
        }
        Files.writeString(folder.resolve("SHA256SUMS"), sums);
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Set<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return new TreeSet<>(all.filter(Files::isRegularFile).toList());
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        for (Path file : files(from)) {
            Path copy = to.resolve(from.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
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

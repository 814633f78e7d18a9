import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Makes the files of the console: types of TypeScript from the description of the HTTP API, then one bundle by esbuild, then the
 * names that carry the hash of what is in the file. It is run by the build as a source file, so that no Node is needed.
 */
final class Bundle {

    private static final int MOST_COMPRESSED_BYTES = 300_000;
    private static final int MOST_COLUMNS = 160;
    private static final Pattern IMPORTED = Pattern.compile("(?m)^(?:import|\\}).* from \"([^\"]+)\";$");
    private static final String WEBJARS = "META-INF/resources/webjars/";
    /** Those that become part of the console. */
    private static final List<String> LIBRARIES = List.of("preact", "uplot");

    private static final String ESBUILD = "META-INF/resources/_static/";

    private final Path sources;
    private final Path work;
    private final Path out;

    private Bundle(Path sources, Path work, Path out) {
        this.sources = sources;
        this.work = work;
        this.out = out;
    }

    /** This file, sources, description of the API, folder to work in, folder of the result. */
    public static void main(String[] args) throws Exception {
        Bundle bundle = new Bundle(Path.of(args[1]), Path.of(args[3]), Path.of(args[4]));
        Files.createDirectories(bundle.work);
        byte[] description = Files.readAllBytes(Path.of(args[2]));
        String stamp = bundle.stamp(description, Files.readAllBytes(Path.of(args[0])));
        Path stamped = bundle.work.resolve("stamp");
        if (Files.exists(stamped)
                && Files.readString(stamped).equals(stamp)
                && Files.exists(bundle.out.resolve("files.txt"))) {
            return;
        }
        bundle.checkForm();
        Path esbuild = bundle.unpack();
        JsonNode api = new ObjectMapper().readTree(description);
        bundle.checkPaths(api);
        Files.writeString(bundle.work.resolve("schema.ts"), Types.of(api));
        bundle.run(esbuild);
        bundle.write();
        Files.writeString(stamped, stamp);
    }

    /** @return what says whether anything has changed since the last time */
    private String stamp(byte[] description, byte[] self) throws IOException {
        StringBuilder all = new StringBuilder(hash(description)).append(hash(self));
        for (Path file : files(sources)) {
            all.append(file).append(hash(Files.readAllBytes(file)));
        }
        return all.append(System.getProperty("java.class.path")).toString();
    }

    /** What the sources ask for, the API has to have: types alone do not say so where nobody checks them. */
    private void checkPaths(JsonNode api) throws IOException {
        for (Path file : files(sources)) {
            Matcher asked = Pattern.compile("[\"`](/(?:api|tlog)[^\"`?]*)[\"`]").matcher(Files.readString(file));
            while (asked.find()) {
                for (String what : List.of("workflow", "task")) {
                    String path = asked.group(1).replace("${what}", what);
                    if (!api.path("paths").has(path)) {
                        throw new IllegalStateException(
                                "expected a path that openapi.json has, but " + file + " asks for " + path);
                    }
                }
            }
        }
    }

    /** What can be said of the form of all sources without a formatter, which none can be for TypeScript without Node. */
    private void checkForm() throws IOException {
        List<String> faults = new ArrayList<>();
        for (Path file : files(sources)) {
            if (!file.toString().matches(".*\\.(tsx?|css|html)")) {
                continue;
            }
            String text = Files.readString(file);
            if (!text.endsWith("\n") || text.endsWith("\n\n")) {
                faults.add(file + ": expected one line break at the end, and no empty line before it");
            }
            List<String> lines = text.lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                String place = file + ":" + (i + 1) + ": expected ";
                if (line.chars().anyMatch(c -> c == '\t' || c == '\r')) {
                    faults.add(place + "no tab and no carriage return");
                }
                if (line.endsWith(" ")) {
                    faults.add(place + "no space at the end");
                }
                if (line.length() > MOST_COLUMNS) {
                    faults.add(place + "at most " + MOST_COLUMNS + " columns, but there are " + line.length());
                }
            }
            List<String> imported = IMPORTED.matcher(text)
                    .results()
                    .map(found -> found.group(1))
                    .toList();
            // Libraries, then what is made of the API's description, then our own.
            List<String> sorted = imported.stream()
                    .sorted(Comparator.comparing((String name) -> name.startsWith("."))
                            .thenComparing(name -> name.startsWith("@"))
                            .thenComparing(Comparator.naturalOrder()))
                    .toList();
            if (!imported.equals(sorted)) {
                faults.add(file + ": expected imports in the order " + sorted + ", but it is " + imported);
            }
        }
        if (!faults.isEmpty()) {
            throw new IllegalStateException(String.join("\n", faults));
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** @return the program */
    private Path unpack() throws IOException {
        Path program = null;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.endsWith(".jar")) {
                continue;
            }
            try (JarFile jar = new JarFile(entry)) {
                for (JarEntry file : jar.stream().filter(e -> !e.isDirectory()).toList()) {
                    if (file.getName().startsWith(WEBJARS)) {
                        // Behind the name of the library stands its version.
                        String[] parts =
                                file.getName().substring(WEBJARS.length()).split("/", 3);
                        copy(
                                jar,
                                file,
                                work.resolve("node_modules").resolve(parts[0]).resolve(parts[2]));
                    } else if (file.getName().startsWith(ESBUILD)
                            && file.getName().matches(".*/esbuild(\\.exe)?")) {
                        program = work.resolve(
                                file.getName().substring(file.getName().lastIndexOf('/') + 1));
                        copy(jar, file, program);
                    }
                }
            }
        }
        if (program == null || !program.toFile().setExecutable(true)) {
            throw new IllegalStateException("expected esbuild's program on the class path, but it is not there");
        }
        return program.toAbsolutePath();
    }

    private static void copy(JarFile jar, JarEntry entry, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try (InputStream in = jar.getInputStream(entry)) {
            Files.write(to, in.readAllBytes());
        }
    }

    private void run(Path esbuild) throws IOException, InterruptedException {
        ProcessBuilder program = new ProcessBuilder(
                esbuild.toString(),
                sources.resolve("main.tsx").toString(),
                sources.resolve("style.css").toString(),
                "--bundle",
                "--minify",
                "--format=esm",
                "--target=es2022",
                "--jsx=automatic",
                "--jsx-import-source=preact",
                "--alias:@schema=" + work.resolve("schema.ts").toAbsolutePath(),
                "--legal-comments=eof",
                "--log-level=warning",
                "--color=false",
                "--outdir=" + work.resolve("bundle"));
        program.environment()
                .put("NODE_PATH", work.resolve("node_modules").toAbsolutePath().toString());
        Process process = program.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(
                    "expected esbuild to bundle the console, but it did not; it says why above");
        }
    }

    private void write() throws IOException {
        if (Files.exists(out)) {
            List<Path> old = new ArrayList<>(files(out));
            old.sort(Comparator.reverseOrder());
            for (Path file : old) {
                Files.delete(file);
            }
        }
        Files.createDirectories(out);
        Map<String, byte[]> all = new TreeMap<>();
        String page = Files.readString(sources.resolve("index.html"));
        // Who gives the console away gives its libraries away, whose licences are to be with it.
        for (String library : LIBRARIES) {
            byte[] licence = Files.readAllBytes(
                    work.resolve("node_modules").resolve(library).resolve("LICENSE"));
            all.put(library + "-licence.txt", licence);
        }
        for (String name : List.of("main.js", "style.css", "icon.svg")) {
            byte[] bytes = Files.readAllBytes(
                    name.equals("icon.svg")
                            ? sources.resolve(name)
                            : work.resolve("bundle").resolve(name));
            int dot = name.indexOf('.');
            String hashed = name.substring(0, dot) + "-" + hash(bytes).substring(0, 16) + name.substring(dot);
            all.put(hashed, bytes);
            if (!page.contains("{" + name + "}")) {
                throw new IllegalStateException("expected index.html to name {" + name + "}, but it does not");
            }
            page = page.replace("{" + name + "}", "console/" + hashed);
        }
        all.put("index.html", page.getBytes(StandardCharsets.UTF_8));
        int compressed = 0;
        StringBuilder names = new StringBuilder();
        for (Map.Entry<String, byte[]> file : all.entrySet()) {
            compressed += compressed(file.getValue());
            Files.write(out.resolve(file.getKey()), file.getValue());
            names.append(file.getKey()).append('\n');
        }
        if (compressed > MOST_COMPRESSED_BYTES) {
            throw new IllegalStateException("expected the console to have at most " + MOST_COMPRESSED_BYTES
                    + " bytes, compressed, but it has " + compressed);
        }
        Files.writeString(out.resolve("files.txt"), names);
    }

    private static int compressed(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.size();
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes the schemas of the description as types. */
    private static final class Types {

        private Types() {}

        static String of(JsonNode description) {
            StringBuilder types = new StringBuilder("// Made from the description of the HTTP API by the build.\n");
            description
                    .at("/components/schemas")
                    .properties()
                    .forEach(schema -> types.append("export type ")
                            .append(schema.getKey())
                            .append(" = ")
                            .append(type(schema.getValue()))
                            .append(";\n"));
            for (String method : List.of("get", "post")) {
                types.append("/** Answers by path. */\nexport interface ")
                        .append(method.equals("get") ? "Gets" : "Posts")
                        .append(" {\n");
                description.at("/paths").properties().forEach(path -> {
                    JsonNode operation = path.getValue().path(method);
                    if (operation.isObject()) {
                        types.append("  \"")
                                .append(path.getKey())
                                .append("\": ")
                                .append(answer(operation))
                                .append(";\n");
                    }
                });
                types.append("}\n");
            }
            return types.toString();
        }

        /** @return what comes if all goes well */
        private static String answer(JsonNode operation) {
            List<String> types = new ArrayList<>();
            operation.get("responses").properties().forEach(response -> {
                JsonNode schema = response.getValue().at("/content/application~1json/schema");
                if (response.getKey().startsWith("2") && schema.isObject() && !types.contains(type(schema))) {
                    types.add(type(schema));
                }
            });
            return types.isEmpty() ? "unknown" : String.join(" | ", types);
        }

        private static String type(JsonNode schema) {
            if (schema.has("$ref")) {
                String reference = schema.get("$ref").textValue();
                return reference.substring(reference.lastIndexOf('/') + 1);
            }
            if (schema.has("enum")) {
                List<String> values = new ArrayList<>();
                schema.get("enum").forEach(value -> values.add(value.toString()));
                return String.join(" | ", values);
            }
            for (String choice : List.of("oneOf", "anyOf")) {
                if (schema.has(choice) && schema.at("/" + choice + "/0").has("$ref")) {
                    List<String> types = new ArrayList<>();
                    schema.get(choice).forEach(one -> types.add(type(one)));
                    return String.join(" | ", types);
                }
            }
            if (schema.path("type").isArray()) {
                List<String> types = new ArrayList<>();
                schema.get("type").forEach(name -> types.add(simple(name.textValue(), schema)));
                return String.join(" | ", types);
            }
            return simple(schema.path("type").asText(), schema);
        }

        private static String simple(String name, JsonNode schema) {
            return switch (name) {
                case "string" -> "string";
                case "integer", "number" -> "number";
                case "boolean" -> "boolean";
                case "null" -> "null";
                case "array" -> "Array<" + type(schema.path("items")) + ">";
                case "object" -> object(schema);
                default -> "unknown";
            };
        }

        private static String object(JsonNode schema) {
            if (!schema.has("properties")) {
                JsonNode values = schema.path("additionalProperties");
                return "{ [name: string]: " + (values.isObject() ? type(values) : "unknown") + " }";
            }
            List<String> required = new ArrayList<>();
            schema.path("required").forEach(field -> required.add(field.textValue()));
            StringBuilder fields = new StringBuilder("{ ");
            schema.get("properties")
                    .properties()
                    .forEach(field -> fields.append(field.getKey())
                            .append(required.contains(field.getKey()) ? "" : "?")
                            .append(": ")
                            .append(type(field.getValue()))
                            .append("; "));
            return fields.append('}').toString();
        }
    }
}

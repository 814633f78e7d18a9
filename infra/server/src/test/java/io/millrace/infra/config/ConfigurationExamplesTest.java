package io.millrace.infra.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.ingest.config.AccessFile;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds what people copy to the settings that there are: the files that are installed, and the pages. */
class ConfigurationExamplesTest {

    private static final Path ROOT = Path.of("..", "..");
    private static final Path INSTALLED = ROOT.resolve("infra/deploy/src/main/dist/etc");

    /** A setting that is commented out, as {@code #port = 9090}: not a sentence, whose hash a blank follows. */
    private static final Pattern SWITCHED_OFF = Pattern.compile("(?m)^#(?=[\\w\".-]+ ?=|\\[)");

    /** A file of settings in a page. */
    private static final Pattern BLOCK = Pattern.compile("(?s)```toml\\n(.*?)```");

    private static final Pattern VARIABLE = Pattern.compile("\\bMILLRACE_[A-Z0-9_]+[A-Z0-9]");

    /** A key between backticks, perhaps with a value. Names of files look like keys, and end otherwise. */
    private static final Pattern NAMED = Pattern.compile("`([a-z]+(?:\\.[a-z_]+)+)(?: = [^`]*)?`");

    private static final Pattern FILE = Pattern.compile(".*\\.(?:proto|md|json|sql|toml|py|log)");

    /** What the chart writes into the nodes' file of settings. */
    private static final Pattern OF_THE_CHART = Pattern.compile("(?m)^    ([a-z_]+(?:\\.[a-z_]+)+) = ");

    /** Where variables are read that are no settings: by the launchers, by the commands that ask, and by Compose itself. */
    private static final List<String> OTHER_READERS = List.of(
            "millrace",
            "infra/deploy/src/main/dist/bin/millrace",
            "infra/client/src/main/java/io/millrace/infra/client",
            "infra/server/src/main/resources/logback.xml");

    private static final Set<String> OF_COMPOSE = Set.of("MILLRACE_IMAGE");

    private static final Map<String, Setting<?>> SETTINGS =
            Settings.all().stream().collect(Collectors.toMap(Setting::key, Function.identity()));

    @TempDir
    private Path folder;

    @Test
    void whatIsInstalledHasOnlySettingsThatThereAre() throws IOException {
        String text = Files.readString(INSTALLED.resolve("millrace.toml"));
        int on = expectSettings("millrace.toml", text);
        int all = expectSettings(
                "millrace.toml, all switched on", SWITCHED_OFF.matcher(text).replaceAll(""));
        assertTrue(all > on && on > 8, () -> "expected settings, but found " + on + " and " + all);
    }

    @Test
    void theInstalledFileOfKeysLetsNobodyInAndItsExampleIsOne() throws IOException {
        String text = Files.readString(INSTALLED.resolve("access.toml"));
        assertTrue(text.contains("\n#[[orgs]]\n") && text.contains("\n#  { key"), text);
        Path file = Files.writeString(
                folder.resolve("access.toml"),
                text.replace("\n#[[orgs]]", "\n[[orgs]]")
                        .replaceAll("\n#(id|name|slug|tier) =", "\n$1 =")
                        .replace("\n#  { key", "\n  { key"));
        assertDoesNotThrow(() -> AccessFile.read(file));
    }

    @Test
    void eachFileOfSettingsInAPageHasOnlySettingsThatThereAre() throws IOException {
        int found = 0;
        for (Path page : pages()) {
            for (String block : BLOCK.matcher(Files.readString(page))
                    .results()
                    .map(match -> match.group(1))
                    .filter(text -> !text.contains("[[orgs]]") && !text.contains("[auth") && !text.contains("[orgs."))
                    .toList()) {
                found += expectSettings(page.toString(), block);
            }
        }
        assertTrue(found > 8, "expected pages with settings");
    }

    @Test
    void eachVariableThatIsNamedIsThere() throws IOException {
        Set<String> there =
                Settings.all().stream().map(Setting::variable).collect(Collectors.toCollection(TreeSet::new));
        there.addAll(OF_COMPOSE);
        for (String reader : OTHER_READERS) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(reader))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    VARIABLE.matcher(Files.readString(file)).results().forEach(name -> there.add(name.group()));
                }
            }
        }
        for (Path page : pages()) {
            Set<String> named = VARIABLE.matcher(Files.readString(page))
                    .results()
                    .map(match -> match.group())
                    .collect(Collectors.toCollection(TreeSet::new));
            named.removeAll(there);
            assertEquals(Set.of(), named, page::toString);
        }
    }

    @Test
    void eachSettingThatAPageNamesIsThere() throws IOException {
        Set<String> tables = SETTINGS.keySet().stream()
                .map(key -> key.substring(0, key.indexOf('.')))
                .collect(Collectors.toSet());
        int found = 0;
        for (Path page : pages()) {
            for (String key : NAMED.matcher(Files.readString(page))
                    .results()
                    .map(match -> match.group(1))
                    .filter(key -> tables.contains(key.substring(0, key.indexOf('.'))))
                    .filter(key -> !FILE.matcher(key).matches())
                    .toList()) {
                found++;
                assertTrue(
                        SETTINGS.containsKey(key)
                                || Settings.KAFKA_PROPERTIES.startsWith(key)
                                || SETTINGS.keySet().stream().anyMatch(each -> each.startsWith(key + ".")),
                        () -> page + " names the setting " + key + ", which is not there");
            }
        }
        assertTrue(found > 100, "expected pages that name settings");
    }

    @Test
    void theChartSetsOnlySettingsThatThereAre() throws IOException {
        List<String> keys = OF_THE_CHART
                .matcher(Files.readString(ROOT.resolve("infra/deploy/src/main/helm/millrace/templates/configmap.yaml")))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertTrue(keys.size() > 8, keys::toString);
        assertEquals(
                List.of(),
                keys.stream().filter(key -> !SETTINGS.containsKey(key)).toList());
    }

    /** Values of a chart are nested by nature: whoever sets {@code audit.origin} on Helm's command line gets two levels. */
    @Test
    void theChartTakesSettingsInOnePieceAndOneBelowTheOther() throws IOException, InterruptedException {
        Path given = Files.writeString(folder.resolve("values.yaml"), """
                settings:
                  limits.closed_retention: 36h
                  audit: {origin: example.org/millrace, require_reason: true}
                """);
        String rendered = helm("template", "--values", given.toString(), "--set", "settings.leases.task=5m");
        Matcher file =
                Pattern.compile("(?s)\n  millrace\\.toml: \\|\n(.*?)\n---").matcher(rendered);
        assertTrue(file.find(), rendered);
        Map<String, String> values = SettingsFile.read(
                Files.writeString(folder.resolve("rendered.toml"), file.group(1).stripIndent()));
        assertEquals("36h", values.get("limits.closed_retention"));
        assertEquals("example.org/millrace", values.get("audit.origin"));
        assertEquals("true", values.get("audit.require_reason"));
        assertEquals("5m", values.get("leases.task"));
        assertTrue(expectSettings("the rendered chart", file.group(1).stripIndent()) > 12, rendered);
    }

    /** @return what Helm prints for the chart; the test is skipped where there is no Helm */
    private static String helm(String... arguments) throws IOException, InterruptedException {
        boolean there = Stream.of(
                        Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator))
                .anyMatch(each -> Files.isExecutable(Path.of(each, "helm")));
        assumeTrue(there, "no helm on the path, so the chart is not rendered");
        List<String> command = new ArrayList<>(
                List.of(
                        "helm",
                        arguments[0],
                        "millrace",
                        "infra/deploy/src/main/helm/millrace",
                        "--kube-version=1.31.0",
                        "--set=kafka.bootstrapServers=kafka:9092,secrets.access=a,secrets.commandKeys=c,tls.allowPlainText=true"));
        command.addAll(List.of(arguments).subList(1, arguments.length));
        Process process = new ProcessBuilder(command)
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), printed);
        return printed;
    }

    /** The pages, and all that is installed. */
    private static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
                Stream<Path> deploy = Files.walk(ROOT.resolve("infra/deploy/src"))) {
            return Stream.of(Stream.of(ROOT.resolve("README.md")), docs, deploy)
                    .flatMap(Function.identity())
                    .filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".java"))
                    .toList();
        }
    }

    /** @return how many settings there are in it */
    private int expectSettings(String where, String text) throws IOException {
        Map<String, String> values = SettingsFile.read(Files.writeString(folder.resolve("example.toml"), text));
        values.forEach((key, value) -> {
            if (!key.startsWith(Settings.KAFKA_PROPERTIES)) {
                assertTrue(
                        SETTINGS.containsKey(key), () -> "expected a setting in " + where + ", but there is no " + key);
                assertDoesNotThrow(() -> SETTINGS.get(key).parse(value, where));
            }
        });
        return values.size();
    }
}

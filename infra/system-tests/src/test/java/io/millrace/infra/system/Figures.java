package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Holds what documents, alert rules and dashboards say of the figures of a server against those that it shows. */
public final class Figures {

    private static final Path ROOT = Path.of("..", "..");
    private static final Path OBSERVE = ROOT.resolve("infra/deploy/src/main/observe");
    private static final Path PAGE = ROOT.resolve("docs/operations/metrics.md");
    private static final Path RUNBOOKS = ROOT.resolve("docs/operations/alerts.md");

    private static final Pattern SHOWN = Pattern.compile("(?m)^# TYPE (\\S+) \\S+$");
    private static final Pattern OURS_IN_A_ROW = Pattern.compile("`(millrace_[a-z_]+)`");
    private static final Pattern NAME = Pattern.compile("\\b(?:millrace|jvm|process|system)_[a-z0-9_]+");
    private static final Pattern LABEL = Pattern.compile("\\b(state|answer|area|event)(?:=~|=)\"([^\"]+)\"");
    private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)$");
    private static final Pattern RUNBOOK = Pattern.compile("runbook: docs/operations/alerts\\.md#(\\w+)");

    /** Only with TLS; {@code TlsAcrossNodesTest} looks for it. */
    public static final String CERTIFICATES = "millrace_certificate_not_after_seconds";

    /** Of the JVM, and there only once it has collected; and of TLS. */
    private static final Set<String> SOMETIMES = Set.of("jvm_gc_pause_seconds", CERTIFICATES);

    /** Only with {@code telemetry.queue_figures}, and only while work stands ready; and of TLS. */
    private static final Set<String> ON_REQUEST =
            Set.of("millrace_queue_ready", "millrace_queue_oldest_seconds", CERTIFICATES);

    private Figures() {}

    /** @param shown what a server with all roles, a read model and transparency logs shows */
    public static void expectAsThePagesSay(String shown) throws IOException {
        Set<String> there = names(SHOWN, shown);
        Set<String> ours = new TreeSet<>(there);
        ours.removeIf(name -> !name.startsWith("millrace_"));
        Set<String> told = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `"))
                .flatMap(line -> names(OURS_IN_A_ROW, line.substring(0, line.indexOf('|', 2))).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        told.removeAll(ON_REQUEST);
        assertEquals(ours, told, "figures of the server, and those of docs/operations/metrics.md");

        String rules = Files.readString(OBSERVE.resolve("prometheus/alerts.yml"));
        expectKnown("alerts.yml", rules, there, shown);
        for (Path dashboard : dashboards()) {
            expectKnown(dashboard.getFileName().toString(), expressions(dashboard), there, shown);
        }
    }

    /** Each alert has its runbook, and no runbook is for none. */
    public static void expectRunbooks() throws IOException {
        String rules = Files.readString(OBSERVE.resolve("prometheus/alerts.yml"));
        List<String> alerts =
                ALERT.matcher(rules).results().map(alert -> alert.group(1)).toList();
        assertTrue(alerts.size() > 15, () -> "expected alerts, but found " + alerts);
        assertEquals(
                alerts,
                Files.readAllLines(RUNBOOKS).stream()
                        .filter(line -> line.startsWith("## "))
                        .map(line -> line.substring(3))
                        .toList());
        assertEquals(
                alerts.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList(),
                RUNBOOK.matcher(rules).results().map(link -> link.group(1)).toList());
    }

    private static void expectKnown(String where, String text, Set<String> there, String shown) {
        Set<String> named = NAME.matcher(text)
                .results()
                .map(MatchResult::group)
                .map(name -> there.contains(name) ? name : name.replaceAll("_(bucket|sum|count|max)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        assertFalse(named.isEmpty(), where);
        named.removeAll(there);
        named.removeAll(SOMETIMES);
        assertEquals(Set.of(), named, "figures that " + where + " names and no server shows");
        LABEL.matcher(text).results().forEach(label -> {
            for (String value : label.group(2).split("\\|")) {
                assertTrue(
                        shown.contains(label.group(1) + "=\"" + value + "\""),
                        () -> where + " asks for " + label.group(1) + "=" + value + ", which no server shows");
            }
        });
    }

    private static Set<String> names(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(OBSERVE.resolve("grafana"))) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private static String expressions(Path dashboard) {
        List<String> found = new ArrayList<>();
        try {
            JsonNode tree = new ObjectMapper().readTree(dashboard.toFile());
            eachPanel(
                    tree,
                    panel -> panel.path("targets")
                            .forEach(target -> found.add(target.path("expr").asText())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return String.join("\n", found);
    }

    private static void eachPanel(JsonNode node, Consumer<JsonNode> then) {
        node.path("panels").forEach(panel -> {
            then.accept(panel);
            eachPanel(panel, then);
        });
    }
}

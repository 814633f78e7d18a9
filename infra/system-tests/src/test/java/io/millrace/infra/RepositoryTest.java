package io.millrace.infra;

import static io.millrace.infra.Sources.files;
import static io.millrace.infra.Sources.text;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the documents and the packages of the whole repository to what is there. */
class RepositoryTest {

    private static final Path ROOT = Sources.ROOT;
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)[^)]*\\)");
    private static final Pattern NAMED_FILE = Pattern.compile("`([A-Za-z0-9_.-]+\\.(?:java|proto|json|md|sql))`");
    private static final Pattern NAMED_TYPE = Pattern.compile("`([A-Z][A-Za-z]*[a-z][A-Za-z]*)(?:\\.[a-z][A-Za-z]*)?`");
    private static final Pattern NAMED_TEST = Pattern.compile("`([A-Z][A-Za-z]*Test)\\.([a-z][A-Za-z]*)`");
    private static final Pattern DECLARED =
            Pattern.compile("\\b(?:class|record|interface|enum|message|rpc) ([A-Z][A-Za-z]+)");
    private static final Pattern SENTENCE =
            Pattern.compile("(?s)^/\\*\\*\\s+\\* .{60,}\\*/\\s*(?:@NullMarked\\s+)?package ");

    @Test
    void everyPackageSaysWhatBelongsInIt() {
        List<Path> packages = files(".java").stream()
                .filter(file -> ROOT.relativize(file).toString().contains("src/main/java/"))
                .map(Path::getParent)
                .distinct()
                .toList();
        assertFalse(packages.isEmpty());
        List<Path> silent = packages.stream()
                .filter(folder -> !SENTENCE.matcher(text(folder.resolve("package-info.java")))
                        .find())
                .map(ROOT::relativize)
                .toList();
        assertEquals(List.of(), silent, "packages without a package-info.java that says what belongs there");
    }

    @Test
    void nothingIsNullUnlessItSaysSo() {
        List<Path> unmarked = files("package-info.java").stream()
                .filter(file -> !text(file).contains("@NullMarked"))
                .map(file -> ROOT.relativize(file.getParent()))
                .toList();
        assertEquals(List.of(), unmarked, "packages without @NullMarked");
    }

    @Test
    void everyModuleSaysWhatItIs() {
        List<Path> silent = files("pom.xml").stream()
                .map(Path::getParent)
                .filter(module -> !Files.exists(module.resolve("README.md")))
                .map(ROOT::relativize)
                .toList();
        assertEquals(List.of(), silent, "modules without a README.md");
    }

    /** They are the first that a newcomer sees, often in a terminal. */
    @ParameterizedTest
    @ValueSource(strings = {"README.md", "CONTRIBUTING.md"})
    void noLineIsLongerThanThatOfTheCodeUnlessItCannotBeBroken(String document) {
        List<String> tooLong = text(ROOT.resolve(document))
                .lines()
                .filter(line -> line.length() > 120 && !line.startsWith("|") && !line.startsWith("    "))
                .toList();
        assertEquals(List.of(), tooLong);
    }

    @Test
    void everyLinkOfADocumentLeadsSomewhere() {
        List<String> dead = new ArrayList<>();
        for (Path document : files(".md")) {
            LINK.matcher(text(document)).results().map(link -> link.group(1)).forEach(target -> {
                if (!target.contains("://") && !Files.exists(document.resolveSibling(target))) {
                    dead.add(ROOT.relativize(document) + ": " + target);
                }
            });
        }
        assertEquals(List.of(), dead);
    }

    /** A class that was renamed or is gone would lead a newcomer astray. */
    @Test
    void everyFileThatTheMapNamesIsThereOnce() {
        Map<String, List<Path>> byName =
                files("").stream().collect(groupingBy(file -> file.getFileName().toString()));
        List<String> named = NAMED_FILE
                .matcher(text(ROOT.resolve("CONTRIBUTING.md")))
                .results()
                .map(file -> file.group(1))
                .toList();
        assertTrue(named.size() > 20, () -> "expected the map to name files, but it names " + named);
        assertEquals(
                List.of(),
                named.stream()
                        .filter(name -> byName.getOrDefault(name, List.of()).size() != 1)
                        .map(name -> name + " stands for " + byName.getOrDefault(name, List.of()))
                        .toList());
    }

    /**
     * Something that was added once.
     *
     * @param kind as the map calls it
     * @param names what its files call it
     * @param own files that are its own, for which the map names others as examples
     */
    private record Added(String kind, Pattern names, Set<String> own) {

        private static Added of(String kind, String names, String... own) {
            return new Added(kind, Pattern.compile("\\b(?:" + names + ")"), Set.of(own));
        }

        @Override
        public String toString() {
            return kind;
        }
    }

    private static List<Added> added() {
        return List.of(
                Added.of("A command", "PauseWorkflow\\b|PAUSE_WORKFLOW", "PauseHandler.java"),
                Added.of("A command", "RetryTask\\b|RETRY_TASK\\b", "TaskOperations.java"),
                Added.of("An event", "WorkflowPaused\\b|WORKFLOW_PAUSED", "PauseHandler.java", "NewRun.java"),
                Added.of("An event", "staleRounds\\b", "SubmissionHandler.java"),
                Added.of("An event", "CancellationRequested\\b|CANCELLATION_REQUESTED\\b", "CancellationHandler.java"),
                Added.of("An event", "TaskRetried\\b|TASK_RETRIED\\b", "TaskHandler.java"),
                Added.of(
                        "A setting",
                        "workerReturn\\b|WORKER_RETURN",
                        "LeaseSettings.java",
                        "Notifier.java",
                        "NotifierConfig.java",
                        "QueueIndex.java"),
                Added.of("An RPC", "GetStateKeys\\b|getGetStateKeys|getStateKeys"),
                Added.of("An HTTP path", "workflow-executions/\\{id}/pause"),
                Added.of("A command that asks a server", "WorkflowPauseCommand\\b", "WorkflowPauseCommand.java"),
                Added.of("A metric", "claimsReturned\\b", "LoggedClaims.java"));
    }

    @ParameterizedTest
    @MethodSource("added")
    void theMapNamesEachFileThatKnowsWhatWasAdded(Added added) {
        String map = text(ROOT.resolve("CONTRIBUTING.md"));
        String section = map.substring(map.indexOf("**" + added.kind() + "**"));
        section = section.substring(0, section.indexOf("\n**", 2) > 0 ? section.indexOf("\n**", 2) : section.length());
        Set<String> named =
                NAMED_FILE.matcher(section).results().map(file -> file.group(1)).collect(toSet());
        Set<String> know = Stream.of(".java", ".proto", ".json")
                .flatMap(ending -> files(ending).stream())
                .filter(file -> file.toString().contains("/src/main/"))
                .filter(file -> added.names().matcher(text(file)).find())
                .map(file -> file.getFileName().toString())
                .collect(toSet());
        assertTrue(know.containsAll(added.own()), () -> "expected files of " + added + ", but found " + know);
        assertTrue(know.size() > added.own().size(), () -> "expected files that know " + added.names());
        know.removeAll(added.own());
        know.removeAll(named);
        assertEquals(Set.of(), know, "files that the map does not name");
    }

    @Test
    void everyTypeThatIsNamedOnTheWayOfARequestIsThere() {
        Set<String> declared = Stream.of(".java", ".proto")
                .flatMap(ending -> files(ending).stream())
                .flatMap(file -> DECLARED.matcher(text(file)).results())
                .map(declaration -> declaration.group(1))
                .collect(toSet());
        List<String> named = NAMED_TYPE
                .matcher(text(ROOT.resolve("docs/life-of-a-request.md")))
                .results()
                .map(type -> type.group(1))
                .toList();
        assertTrue(named.size() > 40, () -> "expected the page to name types, but it names " + named);
        assertEquals(
                List.of(),
                named.stream().filter(type -> !declared.contains(type)).toList());
    }

    /** Where a thread gets its name, up to the end of the statement. */
    private static final Pattern THREAD = Pattern.compile(
            "(?:Thread\\s*\\.of(?:Platform|Virtual)\\(\\)|new Thread\\(" + "|new WokenThread\\(|new ReadLoop\\()[^;]*");

    /** A text, and behind it what differs. */
    private static final Pattern THREAD_NAME = Pattern.compile("\"([A-Za-z0-9-]+)\"(\\s*\\+|\\s*,\\s*0\\b)?");

    private static final Pattern THREAD_OF_THE_PAGE = Pattern.compile("`([A-Za-z][^`]*)`");

    private static final Pattern DIFFERS = Pattern.compile("[A-Z]+$|[0-9]+$|NODE");

    /** They give the names that they are given. */
    private static final Set<String> NAMED_BY_OTHERS = Set.of("WokenThread.java", "ReadLoop.java", "Door.java");

    private static final Set<String> OF_DOORS =
            Set.of("millrace-grpc-accept-…", "millrace-grpc-…", "millrace-nodes-accept-…", "millrace-nodes-…");

    /** Of commands, in whose processes no requests live. */
    private static final Set<String> OF_COMMANDS =
            Set.of("millrace-replay-…", "millrace-replay-folder", "millrace-rebuild-writer", "proofs-…");

    /** Named by the libraries that make them. */
    private static final Set<String> OF_LIBRARIES = Set.of(
            "http-…-acceptor-…",
            "kafka-producer-network-thread \\| …",
            "millrace-dispatcher-…-StreamThread-…",
            "millrace-dispatcher-…-StateUpdater-…",
            "grpc-default-worker-ELG-…");

    @Test
    void thePageOfThreadsNamesThoseThatANodeMakesAndNoOthers() {
        Set<String> made = new TreeSet<>();
        for (String module : List.of("proto/runtime", "ingest", "dispatcher", "notifier", "infra/server")) {
            files(".java").stream()
                    .filter(file -> file.startsWith(ROOT.resolve(module + "/src/main/java")))
                    .filter(file -> !NAMED_BY_OTHERS.contains(file.getFileName().toString()))
                    .forEach(file -> THREAD.matcher(text(file))
                            .results()
                            .forEach(thread -> made.add(threadName(file, thread.group()))));
        }
        assertTrue(made.containsAll(OF_COMMANDS), () -> "expected " + OF_COMMANDS + " among others, but found " + made);
        made.removeAll(OF_COMMANDS);
        made.addAll(OF_DOORS);
        made.addAll(OF_LIBRARIES);

        String page = text(ROOT.resolve("docs/life-of-a-request.md"));
        String table = page.substring(page.indexOf("| name |"), page.indexOf("\n\n", page.indexOf("| name |")));
        Set<String> named = table.lines()
                .skip(2)
                .flatMap(line -> THREAD_OF_THE_PAGE
                        .matcher(line.split("(?<!\\\\)\\|")[1])
                        .results())
                .map(name -> DIFFERS.matcher(name.group(1)).replaceAll("…"))
                .collect(toCollection(TreeSet::new));
        assertEquals(String.join("\n", made), String.join("\n", named), "threads of the code, and those of the page");
    }

    /** @return the name, with … for what differs from thread to thread */
    private static String threadName(Path file, String statement) {
        Matcher name = THREAD_NAME.matcher(statement);
        assertTrue(name.find(), () -> "expected a thread with a name, but " + file + " makes " + statement);
        return name.group(1) + (name.group(2) == null ? "" : "…");
    }

    /** What shows that a gate can fail must not go away unnoticed. */
    @Test
    void everyTestThatThePageOfGatesNamesIsThere() {
        List<String> named = NAMED_TEST
                .matcher(text(ROOT.resolve("docs/gates.md")))
                .results()
                .map(MatchResult::group)
                .toList();
        assertTrue(named.size() > 8, () -> "expected the page to name tests, but it names " + named);
        List<String> missing = NAMED_TEST
                .matcher(String.join("\n", named))
                .results()
                .filter(test -> files(test.group(1) + ".java").stream()
                        .noneMatch(file -> text(file).contains("void " + test.group(2) + "(")))
                .map(MatchResult::group)
                .toList();
        assertEquals(List.of(), missing);
    }

    @Test
    void decisionsAreNumberedWithoutGapsAndEachStandsInTheIndex() {
        Path folder = ROOT.resolve("docs/decisions");
        String index = text(folder.resolve("README.md"));
        List<String> decisions = files(".md").stream()
                .filter(file -> file.getParent().equals(folder))
                .map(file -> file.getFileName().toString())
                .filter(name -> !name.equals("README.md"))
                .sorted()
                .toList();
        for (int i = 0; i < decisions.size(); i++) {
            String number = "%04d".formatted(i + 1);
            String name = decisions.get(i);
            assertTrue(name.startsWith(number + "-"), () -> "expected decision " + number + ", but found " + name);
            assertTrue(
                    index.contains("(" + name + ")"), () -> "expected " + name + " in the index, but it is not there");
            assertTrue(
                    text(folder.resolve(name)).startsWith("# " + number + ": "),
                    () -> "expected " + name + " to begin with its number, but it does not");
        }
    }
}

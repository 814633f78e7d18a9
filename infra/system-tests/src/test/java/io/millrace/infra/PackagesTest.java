package io.millrace.infra;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which package may know which inside a module. Each line below is a package and those that it may know. It may know
 * only packages of lines before its own, so there are no cycles, and no class is an exception. {@code ModulesTest} says
 * which module may know which.
 */
class PackagesTest {

    private static final JavaClasses CLASSES = MainClasses.ALL;

    private static final Map<Path, String> SOURCES = Sources.files(".java").stream()
            .filter(file -> file.toString().contains("/src/main/java/"))
            .collect(toMap(file -> file, Sources::text));

    private static final Table PROTO = new Table("io.millrace.proto")
            .line("flovyn.v1")
            .line("v1", "flovyn.v1")
            .line("")
            .line("proof", "", "v1")
            .line("auth", "v1")
            .line("mac", "v1")
            .line("kafka", "")
            .line("thread", "kafka")
            .line("schedule", "")
            .line("time")
            .line("trace", "")
            .line("log", "", "v1", "auth", "mac", "kafka", "thread")
            .line("call", "v1", "auth", "log")
            .line("directory", "", "v1", "auth", "mac", "kafka", "time")
            .line("levels", "", "v1", "kafka")
            .line("reads", "", "v1", "thread", "directory");

    private static final Table INGEST = new Table("io.millrace.ingest")
            .line("config")
            .line("validation")
            .line("limits", "config")
            .line("auth.openid", "config", "validation", "limits")
            .line("auth", "config", "validation", "auth.openid")
            .line("audit.tlog")
            .line("audit.keys", "config", "audit.tlog")
            .line("audit.proof", "audit.tlog")
            .line("audit.trail", "validation")
            .line("encryption", "config", "validation")
            .line("approvals", "validation", "audit.trail", "auth")
            .line("search")
            .line("queries", "audit.trail", "approvals", "search")
            .line("readmodel", "validation", "audit.trail", "approvals", "search", "queries")
            .line("audit.notary", "validation", "audit.tlog", "audit.keys", "audit.proof", "queries", "readmodel")
            .line("streams")
            .line(
                    "operations",
                    "config",
                    "validation",
                    "limits",
                    "auth",
                    "audit.trail",
                    "approvals",
                    "encryption",
                    "queries",
                    "search",
                    "streams")
            .line("grpc", "validation", "auth", "approvals", "operations")
            .line("http.server", "limits", "auth")
            .line(
                    "http",
                    "config",
                    "validation",
                    "limits",
                    "auth",
                    "auth.openid",
                    "approvals",
                    "audit.tlog",
                    "audit.trail",
                    "audit.notary",
                    "encryption",
                    "search",
                    "queries",
                    "streams",
                    "operations",
                    "http.server")
            .line("audit.witness", "config", "audit.tlog", "audit.keys", "http.server", "http")
            .line(
                    "",
                    "config",
                    "validation",
                    "limits",
                    "auth",
                    "auth.openid",
                    "approvals",
                    "audit.notary",
                    "encryption",
                    "queries",
                    "streams",
                    "operations",
                    "grpc",
                    "http.server",
                    "http");

    private static final Table DISPATCHER = new Table("io.millrace.dispatcher")
            .line("engine.command")
            .line("engine.event", "engine.command")
            .line("engine.store", "engine.command", "engine.event")
            .line("engine.state", "engine.command", "engine.event", "engine.store")
            .line("engine.decide", "engine.command", "engine.event", "engine.state")
            .line("engine.handle", "engine.command", "engine.event", "engine.state", "engine.decide")
            .line(
                    "engine",
                    "engine.command",
                    "engine.event",
                    "engine.store",
                    "engine.state",
                    "engine.decide",
                    "engine.handle")
            .line("codec", "engine.command", "engine.event", "engine.state", "engine.decide", "engine")
            .line(
                    "partition",
                    "engine.command",
                    "engine.event",
                    "engine.store",
                    "engine.state",
                    "engine.decide",
                    "engine",
                    "codec")
            .line("replay.log")
            .line(
                    "replay",
                    "engine.command",
                    "engine.event",
                    "engine.store",
                    "engine.state",
                    "engine.decide",
                    "engine",
                    "codec",
                    "partition",
                    "replay.log")
            .line("reads", "engine.event", "engine.store", "engine.state", "codec", "partition", "replay")
            .line("topology.group", "partition")
            .line("topology", "engine.command", "engine.store", "engine", "partition", "topology.group")
            .line("", "engine", "engine.decide", "partition", "reads", "topology");

    private static final Table NOTIFIER = new Table("io.millrace.notifier")
            .line("config")
            .line("queue", "config")
            .line("connection", "queue")
            .line("claim", "config", "queue")
            .line("call", "config", "queue", "connection")
            .line("", "config", "queue", "connection", "claim", "call");

    private static final Table SERVER = new Table("io.millrace.infra")
            .line("logging")
            .line("door")
            .line("tls")
            .line("config", "door", "tls")
            .line("telemetry", "door", "tls", "config")
            .line("topics", "config")
            .line("server.installation", "config")
            .line("server", "door", "tls", "config", "telemetry", "server.installation")
            .line("doctor", "tls", "config", "topics", "server");

    private static final Table CLIENT = new Table("io.millrace.infra.client")
            .line("json")
            .line("api", "json")
            .line("context", "json", "api")
            .line("print", "json")
            .line("command", "json", "api", "context", "print")
            .line("execution", "json", "api", "print", "command")
            .line("workflow", "json", "api", "print", "command", "execution")
            .line("task", "json", "api", "print", "command", "execution")
            .line("promise", "json", "api", "command")
            .line("schedule", "json", "api", "print", "command", "execution", "workflow")
            .line("queue", "json", "api", "print", "command")
            .line("bulk", "json", "api", "print", "command")
            .line("key", "json", "api", "print", "command", "execution")
            .line("audit", "json", "api", "print", "command", "execution")
            .line("context.command", "api", "context", "print", "command")
            .line(
                    "",
                    "json",
                    "api",
                    "print",
                    "command",
                    "execution",
                    "workflow",
                    "task",
                    "promise",
                    "schedule",
                    "queue",
                    "bulk",
                    "key",
                    "audit",
                    "context.command");

    private static final List<Table> TABLES = List.of(PROTO, INGEST, DISPATCHER, NOTIFIER, SERVER, CLIENT);

    /** Modules of one package. */
    private static final Set<String> ALONE = Set.of(
            "io.millrace.infra.bench",
            "io.millrace.infra.cli",
            "io.millrace.infra.demo",
            "io.millrace.infra.dev",
            "io.millrace.infra.embedded",
            "io.millrace.infra.testing",
            "io.millrace.infra.torture",
            "io.millrace.infra.worker");

    private static Stream<Table> tables() {
        return TABLES.stream();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void knowsNoneButThoseThatItMay(Table table) {
        List<String> wrong = CLASSES.stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(table::forbids)
                .map(Dependency::getDescription)
                .sorted()
                .toList();
        assertEquals(List.of(), wrong, "what the table of " + table + " does not allow");
    }

    /** Constants are copied into the bytecode, and links of Javadoc leave nothing there: only the import tells. */
    @ParameterizedTest
    @MethodSource("tables")
    void importsNoneButThoseThatItMay(Table table) {
        List<String> wrong = new ArrayList<>();
        SOURCES.forEach((file, text) -> table.forbiddenImports(text).forEach(each -> wrong.add(file + ": " + each)));
        assertEquals(List.of(), wrong, "imports that the table of " + table + " does not allow");
    }

    /** The rule itself: a class of each package that knows one of each other is told of all that it may not know. */
    @ParameterizedTest
    @MethodSource("tables")
    void eachPackageThatItMayNotKnowIsFound(Table table, @TempDir Path folder) {
        Map<String, List<JavaClass>> others = new LinkedHashMap<>();
        for (String from : table.known.keySet()) {
            others.put(
                    table.full(from),
                    table.known.keySet().stream()
                            .filter(to ->
                                    !to.equals(from) && !table.known.get(from).contains(to))
                            .flatMap(to -> WrongClasses.example(table.full(to)::equals).stream())
                            .toList());
        }
        List<String> sources = others.entrySet().stream()
                .map(each -> WrongClasses.knowing(each.getKey(), each.getValue()))
                .toList();
        Set<String> found = WrongClasses.compiled(folder, sources).stream()
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(table::forbids)
                .map(each -> each.getOriginClass().getPackageName() + " → "
                        + each.getTargetClass().getName())
                .collect(toSet());
        Set<String> expected = others.entrySet().stream()
                .flatMap(each -> each.getValue().stream().map(other -> each.getKey() + " → " + other.getName()))
                .collect(toSet());
        assertFalse(expected.isEmpty());
        assertEquals(expected, found);
    }

    @Test
    void whatOnlyAnImportTellsIsFound() {
        String source = """
                package io.millrace.notifier.config;
                import io.millrace.notifier.queue.Poll;
                import static io.millrace.notifier.claim.LoggedClaims.of;
                import io.millrace.proto.Topics;
                """;
        assertEquals(List.of("config → queue", "config → claim"), NOTIFIER.forbiddenImports(source));
    }

    @Test
    void everyPackageStandsInATable() {
        List<String> missing = CLASSES.stream()
                .map(JavaClass::getPackageName)
                .distinct()
                .filter(name -> !ALONE.contains(name) && TABLES.stream().noneMatch(table -> table.has(name)))
                .sorted()
                .toList();
        assertEquals(List.of(), missing, "packages that stand in no table");
    }

    @Test
    void aLineMayKnowOnlyLinesBeforeIt() {
        Table table = new Table("io.millrace.notifier");
        assertThrows(IllegalArgumentException.class, () -> table.line("queue", "claim"));
    }

    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    private static final Pattern IMPORT =
            Pattern.compile("(?m)^import (?:static )?([a-z]\\w*(?:\\.[a-z]\\w*)*)\\.[A-Z*]");

    /** The packages of one module, each with those that it may know. */
    private static final class Table {
        private final String base;
        private final Map<String, Set<String>> known = new LinkedHashMap<>();

        private Table(String base) {
            this.base = base;
        }

        /** @param name of the package, without that of the module; empty for the module's own package */
        private Table line(String name, String... others) {
            for (String other : others) {
                if (!known.containsKey(other)) {
                    throw new IllegalArgumentException(
                            "expected '" + other + "' above '" + name + "', but it is not there");
                }
            }
            known.put(name, Set.of(others));
            return this;
        }

        private boolean has(String name) {
            return name.equals(base)
                    ? known.containsKey("")
                    : name.startsWith(base + ".") && known.containsKey(under(name));
        }

        private String under(String name) {
            return name.equals(base) ? "" : name.substring(base.length() + 1);
        }

        private String full(String line) {
            return line.isEmpty() ? base : base + "." + line;
        }

        private boolean forbids(Dependency dependency) {
            return forbids(packageOf(dependency.getOriginClass()), packageOf(dependency.getTargetClass()));
        }

        private static String packageOf(JavaClass type) {
            return type.getBaseComponentType().getPackageName();
        }

        private boolean forbids(String from, String to) {
            return has(from)
                    && has(to)
                    && !from.equals(to)
                    && !known.get(under(from)).contains(under(to));
        }

        /** @return from where to where the imports of a file lead that are not allowed */
        private List<String> forbiddenImports(String source) {
            Matcher own = PACKAGE.matcher(source);
            if (!own.find()) {
                return List.of();
            }
            return IMPORT.matcher(source)
                    .results()
                    .map(other -> other.group(1))
                    .filter(other -> forbids(own.group(1), other))
                    .map(other -> under(own.group(1)) + " → " + under(other))
                    .toList();
        }

        @Override
        public String toString() {
            return base;
        }
    }
}

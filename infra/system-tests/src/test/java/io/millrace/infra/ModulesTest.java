package io.millrace.infra;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.lang.ArchRule;
import io.millrace.proto.thread.Recurring;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which module may know which. */
class ModulesTest {

    private static final JavaClasses CLASSES = MainClasses.ALL;

    private static final ArchRule NOTHING_ELSE_RECURS = noClasses()
            .that()
            .doNotBelongToAnyOf(Recurring.class)
            .should()
            .callMethodWhere(target(name("scheduleAtFixedRate").or(name("scheduleWithFixedDelay"))));

    private static final Pattern MODULE = Pattern.compile("(?m)^\\| `([a-z/-]+)` \\| .* \\| ([^|]*) \\|$");
    private static final Pattern MODULE_NAME = Pattern.compile("`([a-z/-]+)`");

    /** Each after those that it may know, with its packages; two dots stand for those below as well. */
    private enum Module {
        WIRE(Set.of(), "proto", "proto.v1", "proto.flovyn.v1", "proto.proof"),
        RUNTIME(
                Set.of(WIRE),
                "proto.auth",
                "proto.call",
                "proto.directory",
                "proto.levels",
                "proto.kafka",
                "proto.log",
                "proto.mac",
                "proto.reads",
                "proto.schedule",
                "proto.thread",
                "proto.time",
                "proto.trace"),
        INGEST(Set.of(WIRE, RUNTIME), "ingest.."),
        DISPATCHER(Set.of(WIRE, RUNTIME), "dispatcher.."),
        NOTIFIER(Set.of(WIRE, RUNTIME), "notifier.."),
        SERVER(
                Set.of(WIRE, RUNTIME, INGEST, DISPATCHER, NOTIFIER),
                "infra.config..",
                "infra.doctor..",
                "infra.door..",
                "infra.logging..",
                "infra.server..",
                "infra.telemetry..",
                "infra.tls..",
                "infra.topics.."),
        CLIENT(Set.of(), "infra.client.."),
        CLI(Set.of(WIRE, RUNTIME, INGEST, DISPATCHER, SERVER, CLIENT), "infra.cli.."),
        WORKER(Set.of(WIRE), "infra.worker.."),
        EMBEDDED(Set.of(RUNTIME, INGEST, SERVER), "infra.embedded.."),
        DEMO(Set.of(WIRE, INGEST, SERVER, CLI, EMBEDDED, WORKER), "infra.demo.."),
        BENCH(Set.of(WIRE, RUNTIME, INGEST, DISPATCHER, NOTIFIER, SERVER, CLI, EMBEDDED), "infra.bench.."),
        TORTURE(Set.of(WIRE, CLI, EMBEDDED, WORKER, BENCH), "infra.torture.."),
        DEV(Set.of(INGEST, SERVER, CLIENT, CLI, EMBEDDED, DEMO), "infra.dev.."),
        TESTING(Set.of(WIRE, INGEST), "infra.testing..");

        private final Set<Module> known;
        private final String[] packages;

        Module(Set<Module> known, String... packages) {
            this.known = known;
            this.packages =
                    Stream.of(packages).map(name -> "io.millrace." + name).toArray(String[]::new);
        }

        private Stream<Module> others() {
            return Stream.of(values()).filter(other -> other != this && !known.contains(other));
        }

        private JavaClass example() {
            return WrongClasses.example(name -> Stream.of(packages)
                            .anyMatch(each -> PackageMatcher.of(each).matches(name)))
                    .orElseThrow();
        }

        private static String[] packages(Stream<Module> modules) {
            return modules.flatMap(module -> Arrays.stream(module.packages)).toArray(String[]::new);
        }
    }

    @ParameterizedTest
    @EnumSource
    void knowsNoneButThoseThatItMay(Module module) {
        knowsNoOther(module).check(CLASSES);
    }

    private static ArchRule knowsNoOther(Module module) {
        return noClasses()
                .that()
                .resideInAnyPackage(module.packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(Module.packages(module.others()));
    }

    /** The rule itself: of each module a class that knows one of each other is told of all that it may not know. */
    @Test
    void eachModuleThatAnotherMayNotKnowIsFound(@TempDir Path folder) {
        List<String> sources = Stream.of(Module.values())
                .map(module -> WrongClasses.knowing(
                        module.example().getPackageName(),
                        module.others().map(Module::example).toList()))
                .toList();
        JavaClasses wrong = WrongClasses.compiled(folder, sources);
        for (Module module : Module.values()) {
            String found = report(knowsNoOther(module), wrong);
            module.others()
                    .map(Module::example)
                    .forEach(other -> assertTrue(
                            found.contains("<" + other.getName() + ">"),
                            () -> "not found: that " + module + " knows " + other.getName() + ", but " + found));
        }
    }

    private static String report(ArchRule rule, JavaClasses classes) {
        return String.join("\n", rule.evaluate(classes).getFailureReport().getDetails());
    }

    /** An executor silently drops a task that throws. */
    @Test
    void whatIsDoneAgainAndAgainIsDoneByOneClassThatBearsFailures() {
        NOTHING_ELSE_RECURS.check(CLASSES);
    }

    @Test
    void whatRecursByItselfIsFound(@TempDir Path folder) {
        String found = report(NOTHING_ELSE_RECURS, WrongClasses.compiled(folder, List.of("""
                        package io.millrace.notifier;
                        class Wrong {
                            void repeats(java.util.concurrent.ScheduledExecutorService timer) {
                                timer.scheduleAtFixedRate(() -> {}, 1, 1, java.util.concurrent.TimeUnit.SECONDS);
                            }
                            void repeatsLater(java.util.concurrent.ScheduledExecutorService timer) {
                                timer.scheduleWithFixedDelay(() -> {}, 1, 1, java.util.concurrent.TimeUnit.SECONDS);
                            }
                        }
                        """)));
        assertTrue(found.contains("Wrong.repeats("), found);
        assertTrue(found.contains("Wrong.repeatsLater("), found);
    }

    /** The table under "Where things go", which newcomers go by. */
    @Test
    void theMapSaysWhichModuleMayKnowWhich() {
        String map = Sources.text(Sources.ROOT.resolve("CONTRIBUTING.md"));
        Map<String, Set<String>> said = MODULE.matcher(map)
                .results()
                .collect(toMap(
                        line -> line.group(1),
                        line -> MODULE_NAME
                                .matcher(line.group(2))
                                .results()
                                .map(name -> name.group(1))
                                .collect(toSet())));
        for (Module module : Module.values()) {
            assertEquals(
                    module.known.stream().map(ModulesTest::inTheMap).collect(toSet()),
                    said.get(inTheMap(module)),
                    () -> "what " + inTheMap(module) + " may use");
        }
    }

    private static String inTheMap(Module module) {
        String name = module.name().toLowerCase(Locale.ROOT);
        return switch (module) {
            case WIRE, RUNTIME -> "proto/" + name;
            case INGEST, DISPATCHER, NOTIFIER -> name;
            default -> "infra/" + name;
        };
    }

    @Test
    void everyModuleWasLookedAtAndThereIsNoOther() {
        for (Module module : Module.values()) {
            for (String name : module.packages) {
                assertTrue(
                        CLASSES.stream()
                                .anyMatch(type -> PackageMatcher.of(name).matches(type.getPackageName())),
                        name);
            }
        }
        noClasses()
                .that()
                .resideOutsideOfPackages(Module.packages(Stream.of(Module.values())))
                .should()
                .resideInAPackage("io.millrace..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }
}

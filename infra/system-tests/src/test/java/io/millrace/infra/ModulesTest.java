package io.millrace.infra;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.PackageMatcher;
import io.millrace.proto.thread.Recurring;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which module may know which. */
class ModulesTest {

    private static final JavaClasses CLASSES = MainClasses.ALL;

    /** Each after those that it may know, with its packages; two dots stand for those below as well. */
    private enum Module {
        WIRE(Set.of(), "proto", "proto.v1", "proto.flovyn.v1", "proto.proof"),
        RUNTIME(
                Set.of(WIRE),
                "proto.auth",
                "proto.call",
                "proto.directory",
                "proto.hints",
                "proto.kafka",
                "proto.log",
                "proto.mac",
                "proto.reads",
                "proto.schedule",
                "proto.thread"),
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

        private static String[] packages(Stream<Module> modules) {
            return modules.flatMap(module -> Arrays.stream(module.packages)).toArray(String[]::new);
        }
    }

    @ParameterizedTest
    @EnumSource
    void knowsNoneButThoseThatItMay(Module module) {
        noClasses()
                .that()
                .resideInAnyPackage(module.packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(Module.packages(
                        Stream.of(Module.values()).filter(other -> other != module && !module.known.contains(other))))
                .check(CLASSES);
    }

    /** An executor silently drops a task that throws. */
    @Test
    void whatIsDoneAgainAndAgainIsDoneByOneClassThatBearsFailures() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Recurring.class)
                .should()
                .callMethodWhere(target(name("scheduleAtFixedRate").or(name("scheduleWithFixedDelay"))))
                .check(CLASSES);
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

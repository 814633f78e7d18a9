package io.millrace.infra;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which module may know which: proto nobody; ingest, dispatcher and notifier only proto; infra all. */
class ModulesTest {

    private static final List<String> MODULES = List.of("proto", "ingest", "dispatcher", "notifier", "infra");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.millrace");

    static Stream<String> knowingAtMostProto() {
        return MODULES.stream().filter(module -> !module.equals("infra"));
    }

    @ParameterizedTest
    @MethodSource("knowingAtMostProto")
    void knowsNoneButProto(String module) {
        String[] others = MODULES.stream()
                .filter(other -> !other.equals(module) && !other.equals("proto"))
                .map(other -> "io.millrace." + other + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("io.millrace." + module + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .check(CLASSES);
    }

    @Test
    void everyModuleWasLookedAtAndThereIsNoOther() {
        for (String module : MODULES) {
            assertTrue(
                    CLASSES.stream().anyMatch(type -> type.getPackageName().startsWith("io.millrace." + module)), module);
        }
        noClasses()
                .that()
                .resideOutsideOfPackages(MODULES.stream()
                        .map(module -> "io.millrace." + module + "..")
                        .toArray(String[]::new))
                .should()
                .resideInAPackage("io.millrace..")
                .allowEmptyShould(true)
                .check(CLASSES);
    }
}

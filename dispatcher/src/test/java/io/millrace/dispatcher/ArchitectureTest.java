package io.millrace.dispatcher;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.millrace.proto.Shards;
import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** The log decides everything, so what decides must have nothing else to look at. */
class ArchitectureTest {

    private static final String ENGINE = "io.millrace.dispatcher.engine..";

    /** Of those packages, what only calculates. */
    private static final Class<?>[] PURE = {Shards.class, ByteArrayOutputStream.class};

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.millrace.dispatcher");

    @Test
    void theEngineKnowsNoKafkaNoWireAndNoOutsideWorld() {
        noClasses()
                .that()
                .resideInAPackage(ENGINE)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "org.apache.kafka..", "io.grpc..", "com.google.protobuf..", "io.millrace.proto..",
                                "java.io..", "java.net..", "java.nio.file..", "java.nio.channels..", "org.slf4j..",
                                "io.millrace.dispatcher.topology..", "io.millrace.dispatcher.codec..",
                                "io.millrace.dispatcher.reads..")
                        .and(not(belongToAnyOf(PURE))))
                .check(CLASSES);
    }

    @Test
    void theEngineLooksAtNoClockAndNoChance() {
        noClasses()
                .that()
                .resideInAPackage(ENGINE)
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "getProperty", String.class)
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Random.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocalRandom.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .check(CLASSES);
    }

    @Test
    void handlersDecideAndDoNotApply() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.dispatcher.engine.handle..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(".*\\.(Applier|HistoryApplier|WorkflowApplier|TaskApplier|Sealer|PartitionState)")
                .check(CLASSES);
    }

    @Test
    void theDispatcherKnowsNeitherTheFrontDoorNorTheNotifier() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.millrace.ingest..", "io.millrace.notifier..", "io.millrace.infra..")
                .check(CLASSES);
    }
}

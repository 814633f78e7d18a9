package io.millrace.dispatcher;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.millrace.proto.ClaimId;
import io.millrace.proto.Shards;
import java.io.ByteArrayOutputStream;
import java.time.Clock;
import java.util.Date;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The log decides everything, so what decides must have nothing else to look at. */
class ArchitectureTest {

    private static final String ENGINE = "io.millrace.dispatcher.engine..";

    /** Of those packages, what only calculates. */
    private static final Class<?>[] PURE = {Shards.class, ClaimId.class, ByteArrayOutputStream.class};

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
    void theEngineLooksAtNoClockNoChanceAndNoSurroundings() {
        noClasses()
                .that()
                .resideInAPackage(ENGINE)
                .should()
                .callMethodWhere(describe("reads a clock, chance or the surroundings", CallsOutside::matches))
                .orShould()
                .dependOnClassesThat(assignableTo(Clock.class)
                        .or(assignableTo(Date.class))
                        .or(assignableTo(RandomGenerator.class))
                        .or(assignableTo(Thread.class))
                        .or(assignableTo(Executor.class)))
                .check(CLASSES);
    }

    /** Static calls that give another answer each time, or on each machine. */
    private static final class CallsOutside {
        private static final Set<String> OF_SYSTEM =
                Set.of("currentTimeMillis", "nanoTime", "getenv", "getProperty", "getProperties", "identityHashCode");

        private static boolean matches(JavaMethodCall call) {
            String owner = call.getTargetOwner().getName();
            return switch (call.getName()) {
                case "now" -> owner.startsWith("java.time.");
                case "randomUUID" -> owner.equals("java.util.UUID");
                case "random" -> owner.equals("java.lang.Math");
                case "shuffle" -> owner.equals("java.util.Collections");
                case "getDefault" -> owner.startsWith("java.util.");
                default -> owner.equals("java.lang.System") && OF_SYSTEM.contains(call.getName());
            };
        }
    }

    @Test
    void handlersDecideAndDoNotApply() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.dispatcher.engine.handle..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(".*\\.(Applier|HistoryApplier|WorkflowApplier|TaskApplier|Sealer|PartitionState|Storage)")
                .orShould()
                .setFieldWhere(describe("belongs to the state", access ->
                        access.getTargetOwner().getPackageName().equals("io.millrace.dispatcher.engine.state")))
                .orShould()
                .callMethodWhere(describe("changes the state", call ->
                        call.getTargetOwner().getPackageName().equals("io.millrace.dispatcher.engine.state")
                                && call.getName().startsWith("drain")))
                .check(CLASSES);
    }

    @Test
    void whoAppliesDoesNotDecide() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.dispatcher.engine.state..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millrace.dispatcher.engine.handle..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("io\\.millrace\\.dispatcher\\.engine\\.(Engine|Draft|Decision|Refusal|Answer)")
                .check(CLASSES);
    }

    @Test
    void nothingButTheTopologyKnowsKafka() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.millrace.dispatcher.topology..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
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

    /** engine.store ← engine ← partition ← reads, topology: no circle, no arrow up. */
    @Test
    void whatAnOwnedPartitionIsMadeOfDoesNotKnowWhoDrivesOrReadsIt() {
        noClasses()
                .that()
                .resideInAPackage("io.millrace.dispatcher.partition..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.millrace.dispatcher.topology..", "io.millrace.dispatcher.reads..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.millrace.dispatcher.engine.store..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millrace.dispatcher.engine.state..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("io.millrace.dispatcher.reads..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.millrace.dispatcher.topology..")
                .check(CLASSES);
    }
}

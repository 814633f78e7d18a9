package io.millrace.dispatcher;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;
import com.tngtech.archunit.lang.syntax.elements.GivenClasses;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import io.millrace.dispatcher.engine.WrongEngine;
import io.millrace.dispatcher.engine.decide.WrongDecisionHandler;
import io.millrace.dispatcher.engine.handle.WrongHandler;
import io.millrace.dispatcher.engine.handle.WrongHelper;
import io.millrace.dispatcher.engine.state.WrongState;
import io.millrace.dispatcher.partition.WrongPartition;
import io.millrace.dispatcher.replay.WrongReplay;
import io.millrace.proto.ClaimId;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.Shards;
import io.millrace.proto.WorkSubjects;
import io.millrace.proto.proof.EventFacts;
import io.millrace.proto.proof.EventsOnlyHashes;
import io.millrace.proto.proof.StateFacts;
import io.millrace.proto.proof.WholeOutcomeHashes;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Method;
import java.time.Clock;
import java.util.Calendar;
import java.util.Date;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The log decides everything, so what decides must have nothing else to look at. */
class ArchitectureTest {

    private static final String ENGINE = "io.millrace.dispatcher.engine..";

    /** Of those packages, what only calculates. */
    private static final Class<?>[] PURE = {
        Shards.class,
        ClaimId.class,
        ScheduleTiming.class,
        WorkSubjects.class,
        ScheduleTiming.Form.class,
        EventFacts.class,
        StateFacts.class,
        StateFacts.Settled.class,
        EventsOnlyHashes.class,
        WholeOutcomeHashes.class,
        ByteArrayOutputStream.class
    };

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.millrace.dispatcher");

    @Test
    void theEngineKnowsNoKafkaNoWireAndNoOutsideWorld() {
        THE_ENGINE_KNOWS_ONLY_ITSELF.check(CLASSES);
    }

    private static final ArchRule THE_ENGINE_KNOWS_ONLY_ITSELF = noClasses()
            .that()
            .resideInAPackage(ENGINE)
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                            "org.apache.kafka..",
                            "io.grpc..",
                            "com.google.protobuf..",
                            "io.millrace.proto..",
                            "java.io..",
                            "java.net..",
                            "java.nio.file..",
                            "java.nio.channels..",
                            "org.slf4j..",
                            "io.millrace.dispatcher.topology..",
                            "io.millrace.dispatcher.codec..",
                            "io.millrace.dispatcher.reads..")
                    .and(not(belongToAnyOf(PURE))));

    @Test
    void theEngineLooksAtNoClockNoChanceAndNoSurroundings() {
        looksOutside(noClasses().that().resideInAPackage(ENGINE)).check(CLASSES);
    }

    /** The rule itself: each method of {@link OutsideCalls} breaks it in a way of its own. */
    @Test
    void eachWayToLookOutsideIsFound() {
        JavaClasses outside = new ClassFileImporter().importClasses(OutsideCalls.class);
        String found = String.join(
                "\n",
                looksOutside(noClasses()).evaluate(outside).getFailureReport().getDetails());
        for (Method method : OutsideCalls.class.getDeclaredMethods()) {
            assertTrue(found.contains("." + method.getName() + "()"), () -> "not found: " + method.getName());
        }
    }

    private static ClassesShouldConjunction looksOutside(GivenClasses classes) {
        return looksOutside(classes.should());
    }

    private static ClassesShouldConjunction looksOutside(GivenClassesConjunction classes) {
        return looksOutside(classes.should());
    }

    private static ClassesShouldConjunction looksOutside(ClassesShould classes) {
        return classes.callMethodWhere(describe("reads a clock, chance or the surroundings", CallsOutside::matches))
                .orShould()
                .dependOnClassesThat(assignableTo(Clock.class)
                        .or(assignableTo(Date.class))
                        .or(assignableTo(Calendar.class))
                        .or(assignableTo(RandomGenerator.class))
                        .or(assignableTo(Thread.class))
                        .or(assignableTo(Runtime.class))
                        .or(assignableTo(ProcessHandle.class))
                        .or(assignableTo(Executor.class))
                        .or(assignableTo(Executors.class))
                        .or(assignableTo(Future.class)));
    }

    /** Calls that give another answer each time, or on each machine, or in each process. */
    private static final class CallsOutside {
        private static final Set<String> OF_SYSTEM = Set.of(
                "currentTimeMillis",
                "nanoTime",
                "getenv",
                "getProperty",
                "getProperties",
                "identityHashCode",
                "lineSeparator");
        /** Of a shard; what else the class can do takes time and chance. */
        private static final Set<String> OF_SHARDS = Set.of("of", "partition", "place", "under");
        /** Their elements stand in an order that each process chooses anew. */
        private static final Set<String> UNORDERED = Set.of("java.util.Set", "java.util.Map");

        private static boolean matches(JavaMethodCall call) {
            String owner = call.getTargetOwner().getName();
            if (owner.equals(Shards.class.getName())) {
                return !OF_SHARDS.contains(call.getName());
            }
            return switch (call.getName()) {
                case "now" -> owner.startsWith("java.time.");
                case "systemDefault" -> owner.equals("java.time.ZoneId");
                case "randomUUID" -> owner.equals("java.util.UUID");
                case "random" -> owner.equals("java.lang.Math") || owner.equals("java.lang.StrictMath");
                case "shuffle" -> owner.equals("java.util.Collections");
                case "getDefault" -> owner.startsWith("java.util.");
                case "defaultCharset" -> owner.equals("java.nio.charset.Charset");
                case "hashCode" -> owner.equals("java.lang.Object");
                case "parallel", "parallelStream" -> owner.startsWith("java.util.");
                case "toLowerCase", "toUpperCase", "getBytes" ->
                    owner.equals("java.lang.String")
                            && call.getTarget().getRawParameterTypes().isEmpty();
                case "format" ->
                    owner.equals("java.lang.String")
                            && call.getTarget()
                                    .getRawParameterTypes()
                                    .getFirst()
                                    .isEquivalentTo(String.class);
                case "formatted" -> owner.equals("java.lang.String");
                case "copyOf", "ofEntries" -> UNORDERED.contains(owner);
                case "of" ->
                    UNORDERED.contains(owner)
                            && call.getTarget().getRawParameterTypes().size() > (owner.equals("java.util.Map") ? 2 : 1);
                case "toUnmodifiableSet", "toUnmodifiableMap" -> owner.equals("java.util.stream.Collectors");
                default -> owner.equals("java.lang.System") && OF_SYSTEM.contains(call.getName());
            };
        }
    }

    @Test
    void handlersDecideAndDoNotApply() {
        HANDLERS_ONLY_DECIDE.check(CLASSES);
    }

    private static final ArchRule HANDLERS_ONLY_DECIDE = noClasses()
            .that()
            .resideInAnyPackage("io.millrace.dispatcher.engine.handle..", "io.millrace.dispatcher.engine.decide..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching(".*\\.(Applier|HistoryApplier|WorkflowApplier|TaskApplier|Sealer|PartitionState|Storage)")
            .orShould()
            .setFieldWhere(describe(
                    "belongs to the state",
                    access -> access.getTargetOwner().getPackageName().equals("io.millrace.dispatcher.engine.state")))
            .orShould()
            .callMethodWhere(describe(
                    "changes the state",
                    call -> call.getTargetOwner().getPackageName().equals("io.millrace.dispatcher.engine.state")
                            && call.getName().startsWith("drain")));

    /** So the name of a package tells what is in it. */
    @Test
    void thereAreOnlyHandlersAmongTheHandlers() {
        ONLY_HANDLERS.check(CLASSES);
        HELPERS_APART.check(CLASSES);
    }

    private static final ArchRule ONLY_HANDLERS = classes()
            .that()
            .resideInAPackage("io.millrace.dispatcher.engine.handle")
            .and()
            .areTopLevelClasses()
            .and()
            .doNotHaveSimpleName("package-info")
            .should()
            .haveSimpleNameEndingWith("Handler");

    private static final ArchRule HELPERS_APART = noClasses()
            .that()
            .resideInAPackage("io.millrace.dispatcher.engine.decide")
            .should()
            .haveSimpleNameEndingWith("Handler")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("io.millrace.dispatcher.engine.handle");

    @Test
    void whoAppliesDoesNotDecide() {
        WHO_APPLIES_DECIDES_NOT.check(CLASSES);
    }

    private static final ArchRule WHO_APPLIES_DECIDES_NOT = noClasses()
            .that()
            .resideInAPackage("io.millrace.dispatcher.engine.state..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.millrace.dispatcher.engine",
                    "io.millrace.dispatcher.engine.handle..",
                    "io.millrace.dispatcher.engine.decide..");

    @Test
    void nothingButTheTopologyAndTheReaderOfRecordedLogsKnowsKafka() {
        FEW_KNOW_KAFKA.check(CLASSES);
    }

    private static final ArchRule FEW_KNOW_KAFKA = noClasses()
            .that()
            .resideOutsideOfPackages("io.millrace.dispatcher.topology..", "io.millrace.dispatcher.replay.log..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    /** Whoever looks at an installation must not be able to change it, whatever mistake is made there. */
    @Test
    void whatLooksAtARecordedLogCannotWriteToIt() {
        WHO_LOOKS_CANNOT_WRITE.check(CLASSES);
    }

    private static final ArchRule WHO_LOOKS_CANNOT_WRITE = noClasses()
            .that()
            .resideInAPackage("io.millrace.dispatcher.replay..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "org.apache.kafka.clients.producer..",
                    "org.apache.kafka.clients.admin..",
                    "org.apache.kafka.streams..",
                    "io.millrace.proto.log..",
                    "io.millrace.dispatcher.topology.."))
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching(".*\\.(TopicWriter|CommandWriter|Outbox|OutboxLane|PartitionRuntime)")
            .orShould()
            .callMethodWhere(describe("commits offsets", call -> call.getName().startsWith("commit")));

    /** The rules themselves: each of these classes breaks one, in each way that its fields and methods name. */
    @Test
    void whatBreaksARuleIsFound() {
        expect(
                THE_ENGINE_KNOWS_ONLY_ITSELF,
                WrongEngine.class,
                "kafka",
                "grpc",
                "wire",
                "file",
                "socket",
                "log",
                "reads");
        expect(HANDLERS_ONLY_DECIDE, WrongHandler.class, "applies", "sets", "drains");
        expect(ONLY_HANDLERS, WrongHelper.class, "WrongHelper");
        expect(HELPERS_APART, WrongDecisionHandler.class, "WrongDecisionHandler", "handler");
        expect(WHO_APPLIES_DECIDES_NOT, WrongState.class, "engine", "handler", "draft");
        expect(FEW_KNOW_KAFKA, WrongPartition.class, "producer");
        expect(WHO_LOOKS_CANNOT_WRITE, WrongReplay.class, "producer", "admin", "streams", "runtime", "commits");
    }

    private static void expect(ArchRule rule, Class<?> wrong, String... ways) {
        String found = String.join(
                "\n",
                rule.evaluate(new ClassFileImporter().importClasses(wrong))
                        .getFailureReport()
                        .getDetails());
        for (String way : ways) {
            assertTrue(
                    Pattern.compile("\\b" + way + "\\b").matcher(found).find(),
                    () -> "not found: " + way + " of " + wrong + ", but " + found);
        }
    }
}

package io.millrace.infra;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;
import java.lang.reflect.Method;
import java.net.http.HttpClient;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;

/** A thread that serves many calls must wait for none of them: one call that waits holds up all others. */
class EventLoopsTest {

    /** Whose code runs on threads of gRPC; the HTTP API has a thread for each request, and may wait. */
    private static final String[] ON_LOOPS = {
        "io.millrace.ingest.approvals..",
        "io.millrace.ingest.audit.trail..",
        "io.millrace.ingest.auth..",
        "io.millrace.ingest.config..",
        "io.millrace.ingest.encryption..",
        "io.millrace.ingest.grpc..",
        "io.millrace.ingest.limits..",
        "io.millrace.ingest.operations..",
        "io.millrace.ingest.queries..",
        "io.millrace.ingest.search..",
        "io.millrace.ingest.streams..",
        "io.millrace.ingest.validation..",
        "io.millrace.infra.door..",
        "io.millrace.notifier..",
        "io.millrace.dispatcher.reads..",
        "io.millrace.proto.auth..",
        "io.millrace.proto.call..",
        "io.millrace.proto.directory..",
        "io.millrace.proto.levels..",
        "io.millrace.proto.log..",
        "io.millrace.proto.mac..",
        "io.millrace.proto.reads..",
        "io.millrace.proto.schedule..",
        "io.millrace.proto.time..",
        "io.millrace.proto.trace.."
    };

    /** Of the same modules, whose code runs on threads of its own, or of HTTP, or at the start and the stop alone. */
    private static final String[] ON_OTHERS = {
        "io.millrace.ingest",
        "io.millrace.ingest.audit.keys..",
        "io.millrace.ingest.audit.notary..",
        "io.millrace.ingest.audit.proof..",
        "io.millrace.ingest.audit.tlog..",
        "io.millrace.ingest.audit.witness..",
        "io.millrace.ingest.http..",
        "io.millrace.ingest.readmodel..",
        "io.millrace.proto",
        "io.millrace.proto.flovyn.v1",
        "io.millrace.proto.kafka..",
        "io.millrace.proto.proof..",
        "io.millrace.proto.thread..",
        "io.millrace.proto.v1"
    };

    /** They stand beside what runs on loops, and run on threads of their own, of HTTP or of a command. */
    private static final Set<String> ON_THREADS = Set.of(
            "io.millrace.ingest.approvals.Approvals",
            "io.millrace.ingest.audit.trail.CommandReader",
            "io.millrace.ingest.audit.trail.TrailExport",
            "io.millrace.ingest.auth.openid.IssuerHttp",
            "io.millrace.ingest.encryption.KeyTopic",
            "io.millrace.ingest.operations.BulkRun",
            "io.millrace.ingest.operations.BulkRunTurns",
            "io.millrace.ingest.operations.BulkRunner",
            "io.millrace.ingest.operations.ErasureEnder",
            "io.millrace.ingest.streams.KafkaTaskStreams",
            "io.millrace.notifier.LevelTopic",
            "io.millrace.proto.directory.KafkaDirectory",
            "io.millrace.proto.log.ReplyConsumer");

    private static final JavaClasses CLASSES = MainClasses.ALL;

    private static final DescribedPredicate<JavaClass> MAY_WAIT =
            describe("has a thread that may wait", type -> ON_THREADS.contains(outermost(type)));

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(EventLoopsTest::outermost).orElse(type.getName());
    }

    @Test
    void nothingWaitsOnAThreadThatServesManyCalls() {
        waits(noClasses().that(resideInAnyPackage(ON_LOOPS).and(not(MAY_WAIT))).should())
                .check(CLASSES);
    }

    /** So that no exception outlives what it was made for. */
    @Test
    void whoIsAllowedToWaitDoes() {
        String found = report(waits(
                noClasses().that(resideInAnyPackage(ON_LOOPS).and(MAY_WAIT)).should()));
        ON_THREADS.forEach(name -> assertTrue(found.contains(name), () -> "waits for nothing: " + name));
    }

    @Test
    void ofEachPackageItIsSaidWhereItRuns() {
        classes()
                .that(resideInAnyPackage("io.millrace.ingest..", "io.millrace.proto..", "io.millrace.notifier.."))
                .should()
                .resideInAnyPackage(
                        Stream.of(ON_LOOPS, ON_OTHERS).flatMap(Stream::of).toArray(String[]::new))
                .check(CLASSES);
    }

    private static String report(ArchRule rule) {
        return String.join("\n", rule.evaluate(CLASSES).getFailureReport().getDetails());
    }

    /** The rule itself: each method of {@link BlockingCalls} breaks it in a way of its own. */
    @Test
    void eachWayToWaitIsFound() {
        JavaClasses blocking = new ClassFileImporter().importClasses(BlockingCalls.class);
        String found = String.join(
                "\n",
                waits(noClasses().should())
                        .evaluate(blocking)
                        .getFailureReport()
                        .getDetails());
        for (Method method : BlockingCalls.class.getDeclaredMethods()) {
            assertTrue(found.contains("." + method.getName() + "("), () -> "not found: " + method.getName());
        }
    }

    private static ClassesShouldConjunction waits(ClassesShould classes) {
        return classes.accessTargetWhere(describe("waits, or asks Kafka", EventLoopsTest::waits))
                .orShould()
                .dependOnClassesThat(
                        resideInAnyPackage("java.sql..", "javax.sql..", "com.zaxxer..", "org.postgresql.."));
    }

    private static boolean waits(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        return switch (access.getName()) {
            case "sleep" ->
                owner.isAssignableTo(Thread.class) || owner.getName().equals("java.util.concurrent.TimeUnit");
            case "wait" -> access instanceof JavaMethodCall;
            case "get", "join" -> owner.isAssignableTo(Future.class) || owner.isAssignableTo(Thread.class);
            case "await", "awaitNanos", "awaitUninterruptibly", "awaitUntil" ->
                owner.isAssignableTo(CountDownLatch.class) || owner.isAssignableTo(Condition.class);
            case "acquire", "acquireUninterruptibly" -> owner.isAssignableTo(Semaphore.class);
            case "take", "put" -> owner.isAssignableTo(BlockingQueue.class);
            case "awaitTermination", "invokeAll", "invokeAny", "close" -> owner.isAssignableTo(ExecutorService.class);
            case "park", "parkNanos", "parkUntil" -> owner.isAssignableTo(LockSupport.class);
            case "send", "flush" -> owner.isAssignableTo(Producer.class) || owner.isAssignableTo(HttpClient.class);
            case "poll" -> owner.isAssignableTo(Consumer.class);
            default -> false;
        };
    }
}

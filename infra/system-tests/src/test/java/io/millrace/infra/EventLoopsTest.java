package io.millrace.infra;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameStartingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;
import io.millrace.ingest.operations.ErasureEnder;
import io.millrace.notifier.LevelTopic;
import java.lang.reflect.Method;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.Test;

/** A thread that serves many calls must wait for none of them: one call that waits holds up all others. */
class EventLoopsTest {

    /** Whose code runs on threads of gRPC; the HTTP API has a thread for each request, and may wait. */
    private static final String[] ON_LOOPS = {
        "io.millrace.ingest.auth..",
        "io.millrace.ingest.grpc..",
        "io.millrace.ingest.operations..",
        "io.millrace.ingest.validation..",
        "io.millrace.notifier..",
        "io.millrace.dispatcher.reads..",
        "io.millrace.proto.auth..",
        "io.millrace.proto.call..",
        "io.millrace.proto.reads.."
    };

    private static final JavaClasses CLASSES = MainClasses.ALL;

    /**
     * What reads the levels' topic, ends erasures that were left, carries out bulk jobs, or fetches keys of an issuer, has
     * threads of its own.
     */
    @Test
    void nothingWaitsOnAThreadThatServesManyCalls() {
        waits(noClasses()
                        .that(resideInAnyPackage(ON_LOOPS)
                                .and(not(belongToAnyOf(LevelTopic.class, ErasureEnder.class))
                                        .and(not(simpleNameStartingWith("BulkRun")))
                                        .and(not(simpleNameStartingWith("Issuer")))))
                        .should())
                .check(CLASSES);
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
            case "send", "flush" -> owner.isAssignableTo(Producer.class);
            case "poll" -> owner.isAssignableTo(Consumer.class);
            default -> false;
        };
    }
}

package io.millrace.infra;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import com.tngtech.archunit.lang.syntax.elements.ClassesShouldConjunction;
import java.lang.reflect.Method;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The time of day may be set at any moment, so how long something took is measured by the monotonic clock. Who reads the time of day
 * is named here, once it was looked at what for. Parts that are handed a clock are not found by this.
 */
class TimeOfDayTest {

    /** What a node runs. */
    private static final String[] NODE = {
        "io.millrace.ingest..",
        "io.millrace.dispatcher..",
        "io.millrace.notifier..",
        "io.millrace.proto..",
        "io.millrace.infra.server..",
        "io.millrace.infra.door..",
        "io.millrace.infra.tls.."
    };

    private static final Set<String> MAY_READ_IT = Set.of(
            // when something happened, in what is written, sent or shown
            "io.millrace.dispatcher.partition.PartitionRuntime",
            "io.millrace.dispatcher.partition.TenureLog",
            "io.millrace.infra.server.NodeCalls",
            "io.millrace.ingest.auth.CallTrace",
            "io.millrace.ingest.encryption.DataKeys",
            "io.millrace.ingest.encryption.Erasure",
            "io.millrace.ingest.encryption.KeyTopic",
            "io.millrace.ingest.operations.WorkerOperations",
            "io.millrace.notifier.call.Subscription",
            "io.millrace.proto.directory.KafkaDirectory",
            "io.millrace.proto.directory.Tenures",
            "io.millrace.proto.log.KafkaCommandLog",
            // when an id was made, which only orders it
            "io.millrace.notifier.claim.ClaimIds",
            "io.millrace.proto.Shards",
            // how old something is whose time stands in a record or a table
            "io.millrace.dispatcher.DispatcherStats",
            "io.millrace.ingest.http.ApprovalRoutes",
            "io.millrace.ingest.http.OperatorRoutes",
            "io.millrace.ingest.http.QueueWhyRoutes",
            "io.millrace.ingest.http.QueuePollers",
            "io.millrace.ingest.http.SignsOfLife",
            "io.millrace.ingest.operations.StreamOperations",
            "io.millrace.ingest.readmodel.ApprovalReader",
            "io.millrace.ingest.readmodel.ReadModelProjector",
            "io.millrace.ingest.readmodel.SearchSql",
            // until or since when something counts that people, other nodes or other machines date
            "io.millrace.infra.door.ConnectionWatch",
            "io.millrace.infra.server.MillraceServer",
            "io.millrace.infra.tls.Tls",
            "io.millrace.ingest.FrontDoor",
            "io.millrace.ingest.encryption.KeySeals",
            "io.millrace.ingest.operations.BulkRun",
            "io.millrace.ingest.operations.Operations",
            "io.millrace.infra.server.NotaryPart",
            "io.millrace.notifier.connection.Departures",
            "io.millrace.notifier.connection.Returns",
            "io.millrace.ingest.operations.WorkerWatch",
            "io.millrace.dispatcher.partition.SchedulePlanner",
            // how far apart the clocks of two machines are, or the two clocks of this one
            "io.millrace.dispatcher.partition.DueClock",
            "io.millrace.dispatcher.topology.group.DispatcherGroup",
            "io.millrace.dispatcher.topology.group.GroupClock",
            "io.millrace.dispatcher.topology.group.OpenTransactions",
            "io.millrace.infra.server.OtherNodes",
            "io.millrace.proto.time.SteadyClock");

    private static final DescribedPredicate<JavaClass> IS_KNOWN =
            describe("may read the time of day", type -> MAY_READ_IT.contains(outermost(type)));

    private static String outermost(JavaClass type) {
        return type.getEnclosingClass().map(TimeOfDayTest::outermost).orElse(type.getName());
    }

    @Test
    void nobodyElseReadsTheTimeOfDay() {
        readIt(noClasses().that(resideInAnyPackage(NODE).and(not(IS_KNOWN))).should())
                .because("it may be set at any moment: a SteadyClock or System.nanoTime tells how long something took")
                .check(MainClasses.ALL);
    }

    /** So that no exception outlives what it was made for. */
    @Test
    void whoMayReadItDoes() {
        String found = report(
                readIt(noClasses().that(resideInAnyPackage(NODE).and(IS_KNOWN)).should()), MainClasses.ALL);
        MAY_READ_IT.forEach(name -> assertTrue(found.contains(name), () -> "reads no time of day: " + name));
    }

    /** The rule itself: each method of {@link Ways} breaks it in a way of its own. */
    @Test
    void eachWayToReadItIsFound() {
        String found = report(readIt(noClasses().should()), new ClassFileImporter().importClasses(Ways.class));
        for (Method method : Ways.class.getDeclaredMethods()) {
            assertTrue(found.contains("." + method.getName() + "("), () -> "not found: " + method.getName());
        }
    }

    private static String report(ArchRule rule, JavaClasses classes) {
        return String.join("\n", rule.evaluate(classes).getFailureReport().getDetails());
    }

    private static ClassesShouldConjunction readIt(ClassesShould classes) {
        return classes.accessTargetWhere(describe("reads the time of day", TimeOfDayTest::readsIt));
    }

    private static boolean readsIt(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        return switch (access.getName()) {
            case "currentTimeMillis" -> owner.isEquivalentTo(System.class);
            case "now" -> owner.getPackageName().equals("java.time");
            case "system", "systemUTC", "systemDefaultZone" ->
                owner.isAssignableTo(Clock.class) || owner.isEquivalentTo(InstantSource.class);
            default -> false;
        };
    }

    @SuppressWarnings("unused") // looked at, not called
    private static final class Ways {

        static long millis() {
            return System.currentTimeMillis();
        }

        static Instant instant() {
            return Instant.now();
        }

        static Clock clock() {
            return Clock.systemUTC();
        }

        static InstantSource source() {
            return InstantSource.system();
        }
    }
}

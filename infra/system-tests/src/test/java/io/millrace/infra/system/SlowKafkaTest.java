package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.server.CloseStack;
import io.millrace.infra.server.MillraceServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TempFolder;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.notifier.config.NotifierStats;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.StartTimerCommand;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A Kafka that takes longer for each request than workers' polls wait, and for a commit than callers wait for answers. */
@Order(1)
class SlowKafkaTest {

    private static final Duration SLOW = Duration.ofSeconds(3);
    private static final Duration LEASE = Duration.ofSeconds(20);
    private static final int POLL_S = 2;
    private static final int WORKFLOWS = 6;

    private final CloseStack parts = new CloseStack();
    private final Path folder = parts.push("test folder", new TempFolder()).path();

    @AfterEach
    void stop() {
        parts.close();
    }

    private KafkaAccess kafka(SlowLink link) {
        String address = "127.0.0.1:" + link.port();
        EmbeddedKafka kafka = parts.push(
                "Kafka",
                EmbeddedKafka.start(
                        folder.resolve("kafka"), 0, Map.of("advertised.listeners", "CLIENTS://" + address)));
        link.leadTo(kafka.port());
        return new KafkaAccess(address, kafka.access().properties());
    }

    /** Until the end of the test: nodes that end while it is slow might wait for it for ever. */
    private void slow(SlowLink link) {
        parts.push("quick link", () -> link.delay(Duration.ZERO));
        link.delay(SLOW);
    }

    private MillraceServer node(KafkaAccess kafka, String name, Map<String, String> more) throws InterruptedException {
        Map<String, String> settings = new HashMap<>(Map.of("dispatcher.reads_port", "0"));
        settings.putAll(more);
        return NodeOnKafka.start(parts, folder, kafka, name, settings);
    }

    private TestClient client(MillraceServer node) {
        return parts.push("client", new TestClient(node.grpcPort(), Access.DEV_WORKER_KEY));
    }

    /**
     * Each claim is answered when its poll is over. Were it given back, the next poll would make another that is late
     * as well, and nobody would ever get work. Nobody would either if Kafka aborted each transaction before its commit
     * comes through. A poll lasts three seconds at the most, so their number is a measure of time that does not depend
     * on the machine.
     */
    @Test
    void claimsThatAreAnsweredTooLateForTheirPollServeTheNext() throws InterruptedException, IOException {
        SlowLink link = parts.push("link", new SlowLink());
        MillraceServer node = node(kafka(link), "alone", Map.of("server.only_node", "true"));
        TestClient client = client(node);
        Set<String> started = new HashSet<>();
        for (int i = 0; i < WORKFLOWS; i++) {
            started.add(client.start("echo", "slow"));
        }

        slow(link);
        Set<String> held = new HashSet<>();
        int polls = 0;
        while (!held.equals(started)) {
            client.poll("w", "slow", POLL_S).ifPresent(work -> held.add(work.getId()));
            polls++;
            assertTrue(polls < 40, "after " + polls + " polls " + held.size() + " workflows were handed out");
        }

        NotifierStats stats = node.notifierStats().orElseThrow();
        assertEquals(0, stats.claimsReturned());
        assertTrue(stats.claimsSent() <= 2 * WORKFLOWS, stats.toString());
    }

    /**
     * With a lease of the usual 2 s no answer of the group would come in time. The timers fire when the leases that stood as Kafka
     * became slow are long over.
     */
    @Test
    void severalNodesAnswerReadsAndFireTimersIfTheirLeasesAreLongEnough() throws InterruptedException, IOException {
        SlowLink link = parts.push("link", new SlowLink());
        KafkaAccess kafka = kafka(link);
        Map<String, String> leases = Map.of("dispatcher.read_lease", LEASE.toSeconds() + "s");
        TestClient atA = client(node(kafka, "a", leases));
        TestClient atB = client(node(kafka, "b", leases));
        List<String> started = new ArrayList<>();
        for (int i = 0; i < WORKFLOWS; i++) {
            started.add((i % 2 == 0 ? atA : atB).start("echo", "several"));
        }
        for (int i = 0; i < WORKFLOWS; i++) {
            startTimer(atA, atB.poll("w", "several", 60).orElseThrow().getId());
        }
        Await.until(
                "both nodes to serve all",
                () -> started.stream().allMatch(id -> has(atA, id, "TIMER_STARTED") && has(atB, id, "TIMER_STARTED")));

        slow(link);
        Await.until(
                "all timers to have fired",
                () -> started.stream().allMatch(id -> has(atA, id, "TIMER_FIRED") && has(atB, id, "TIMER_FIRED")));
        for (int i = 0; i < WORKFLOWS; i++) {
            for (String id : started) {
                assertTrue(atA.eventTypes(id).contains("TIMER_FIRED"), "no read goes back");
                assertTrue(atB.eventTypes(id).contains("TIMER_FIRED"), "no read goes back");
            }
        }
    }

    private static boolean has(TestClient client, String id, String type) {
        try {
            return client.eventTypes(id).contains(type);
        } catch (StatusRuntimeException moves) {
            return false;
        }
    }

    private static void startTimer(TestClient client, String id) {
        client.workflows()
                .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                        .setWorkflowExecutionId(id)
                        .setStatus(WorkflowStatus.SUSPENDED)
                        .addCommands(WorkflowCommand.newBuilder()
                                .setCommandType(CommandType.START_TIMER)
                                .setSequenceNumber(1)
                                .setStartTimer(StartTimerCommand.newBuilder()
                                        .setTimerId("t")
                                        .setDurationMs(LEASE.multipliedBy(2).toMillis())))
                        .build());
    }
}

package io.millrace.ingest.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.standin.OpenDoor;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.LimitWork;
import io.millrace.proto.v1.ListPoliciesResponse;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.PauseWork;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.WorkLimit;
import io.millrace.proto.v1.WorkPolicy;
import io.millrace.proto.v1.WorkSubject;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is asked of queues and kinds becomes a command to the partition of their name, and what is said of them is shown. */
class PolicyRoutesTest {

    private static final String ORG = "/api/orgs/alpha";

    private OpenDoor door;
    private int partitions;

    @BeforeEach
    void open() throws IOException {
        door = OpenDoor.open();
        partitions = door.log.partitions();
    }

    @AfterEach
    void close() {
        door.close();
    }

    private JsonNode answer(int status, HttpResponse<String> response) throws Exception {
        ApiDocument.check(response);
        assertEquals(status, response.statusCode(), response.body());
        return new ObjectMapper().readTree(response.body());
    }

    private CommandRecord last() {
        return door.log.entries().getLast().command();
    }

    private void decided(boolean changed, long version) {
        ReplyRecord.Builder reply = ReplyRecord.newBuilder();
        reply.getPolicyDecidedBuilder().setChanged(changed).setVersion(version);
        door.log.answer(reply);
    }

    private static WorkSubject subject(WorkSubject.Type type, String name) {
        return WorkSubject.newBuilder().setType(type).setName(name).build();
    }

    /** Partition 0 is its home, and the first so many partitions follow. */
    private void said(WorkSubject subject, long version, int following) {
        ListPoliciesResponse.Builder all = door.reads.policies.toBuilder();
        for (int partition = 0; partition < partitions; partition++) {
            WorkPolicy.Builder policy =
                    WorkPolicy.newBuilder().setVersion(partition < following ? version : version - 1);
            if (partition == 0) {
                policy.getPauseBuilder().setSinceMs(5_000).setBy("ann").setReason("stock-taking");
            }
            all.addPoliciesBuilder()
                    .setPartition(partition)
                    .setSubject(subject)
                    .setPolicy(policy)
                    .setHome(partition == 0)
                    .setInHand(1);
        }
        door.reads.policies = all.build();
    }

    @Test
    void aQueueIsPausedByACommandToThePartitionOfItsName() throws Exception {
        decided(true, 8);
        said(subject(WorkSubject.Type.QUEUE, "a b"), 8, partitions);

        JsonNode paused = answer(200, door.http("POST", ORG + "/queues/a%20b/pause?version=0", "{\"reason\":\"r\"}"));

        assertEquals("{\"paused\":true,\"policyVersion\":8,\"applied\":true}", paused.toString());
        PauseWork command = last().getPauseWork();
        assertEquals(subject(WorkSubject.Type.QUEUE, "a b"), command.getSubject());
        assertEquals("r", last().getReason());
        assertEquals("ann", command.getRequestedBy());
        assertEquals(partitions, command.getPartitions());
        assertTrue(command.hasExpectedVersion());
        assertEquals(0, command.getExpectedVersion());
        assertEquals(
                Shards.partition(Shards.of(OpenDoor.ALPHA, "QUEUE/a b"), partitions),
                door.log.entries().getLast().partition());
    }

    @Test
    void kindsArePausedAndResumedInTheSameWay() throws Exception {
        decided(false, 3);
        JsonNode resumed = answer(
                200,
                door.send(door.request("POST", ORG + "/task-kinds/pay/resume", "{}")
                        .header("authorization", "Bearer " + OpenDoor.USER_KEY)
                        .header("If-Match", "\"3\"")));
        assertEquals("{\"resumed\":false,\"policyVersion\":3,\"applied\":true}", resumed.toString());
        assertEquals(
                subject(WorkSubject.Type.TASK_KIND, "pay"),
                last().getResumeWork().getSubject());
        assertEquals(3, last().getResumeWork().getExpectedVersion());

        decided(true, 4);
        answer(200, door.http("POST", ORG + "/workflow-kinds/order/pause", ""));
        assertEquals(
                subject(WorkSubject.Type.WORKFLOW_KIND, "order"),
                last().getPauseWork().getSubject());
        assertFalse(last().getPauseWork().hasExpectedVersion());
    }

    @Test
    void aQueueIsLimitedAndShownWithWhatIsInFlight() throws Exception {
        decided(true, 8);
        JsonNode limited = answer(
                200,
                door.http(
                        "POST",
                        ORG + "/queues/q/limit?version=3",
                        "{\"inFlight\":3,\"rate\":7,\"fairBy\":\"customer\",\"reason\":\"r\"}"));
        assertEquals("{\"limited\":true,\"policyVersion\":8,\"applied\":true}", limited.toString());
        LimitWork command = last().getLimitWork();
        assertEquals(subject(WorkSubject.Type.QUEUE, "q"), command.getSubject());
        assertEquals(
                WorkLimit.newBuilder()
                        .setInFlight(3)
                        .setRate(7)
                        .setBurst(7)
                        .setFairKey("customer")
                        .build(),
                command.getLimit());
        assertEquals("r", last().getReason());
        assertEquals("ann", command.getRequestedBy());
        assertEquals(3, command.getExpectedVersion());
        assertEquals(partitions, command.getPartitions());

        ListPoliciesResponse.Builder all = ListPoliciesResponse.newBuilder();
        for (int partition = 0; partition < partitions; partition++) {
            WorkPolicy.Builder policy = WorkPolicy.newBuilder().setVersion(8);
            if (partition == 0) {
                policy.setLimit(command.getLimit().toBuilder()
                        .setRate(0)
                        .setBurst(0)
                        .setSinceMs(5_000)
                        .setBy("ann"));
            }
            all.addPoliciesBuilder()
                    .setPartition(partition)
                    .setSubject(command.getSubject())
                    .setPolicy(policy)
                    .setHome(partition == 0)
                    .setInHand(1);
        }
        door.reads.policies = all.build();
        assertEquals(
                "{\"inFlight\":3,\"rate\":null,\"burst\":null,\"fairBy\":\"customer\",\"inFlightNow\":" + partitions
                        + ",\"since\":\"1970-01-01T00:00:05Z\",\"by\":\"ann\",\"reason\":\"\"}",
                answer(200, door.http("GET", ORG + "/queues/q", null))
                        .get("limit")
                        .toString());

        decided(false, 8);
        assertEquals(
                "{\"unlimited\":false,\"policyVersion\":8,\"applied\":true}",
                answer(200, door.http("POST", ORG + "/queues/q/unlimit", "{}")).toString());
        assertFalse(last().getLimitWork().hasLimit());
    }

    private void refused(String body, String message) throws Exception {
        assertEquals(
                message,
                answer(400, door.http("POST", ORG + "/queues/q/limit", body))
                        .at("/error/message")
                        .asText());
    }

    @Test
    void aLimitThatCannotBeSaysWhatWasExpected() throws Exception {
        refused(
                "{}",
                "expected inFlight, rate or fairBy, but got none of them: a limit says at least one; unlimit lifts one");
        refused("{\"inFlight\":0}", "expected inFlight as a whole number of 1 to 1000000, but got 0");
        refused("{\"rate\":-1}", "expected rate as a whole number of 1 to 100000, but got -1");
        refused("{\"rate\":1,\"burst\":2000000}", "expected burst as a whole number of 1 to 1000000, but got 2000000");
        refused(
                "{\"rate\":2001,\"burst\":2}",
                "expected a burst of at least 3 beside a rate of 2001, which is what comes in a millisecond, but got 2");
        refused("{\"inFlight\":1,\"burst\":1}", "expected a rate with the burst, but got none");
        refused("{\"fairBy\":\"\"}", "expected a text as fairBy, but it is empty");
        refused("{\"inFlight\":1.5}", "expected a whole number as inFlight, but it is a fraction");
        answer(400, door.http("POST", ORG + "/queues/q/limit", "{\"inflight\":1}"));
    }

    @Test
    void aWorkerIsDrainedByItsIdAndShownWithWhatItHas() throws Exception {
        UUID id = new UUID(7, 1);
        door.directory.register(WorkerRegistration.newBuilder()
                .setWorkerId(Ids.toByteString(id))
                .setOrgId(Ids.toByteString(OpenDoor.ALPHA))
                .setName("w")
                .build());
        decided(true, 5);
        JsonNode drained = answer(200, door.http("POST", ORG + "/workers/" + id + "/drain", "{\"reason\":\"r\"}"));
        assertEquals("{\"draining\":true,\"policyVersion\":5,\"applied\":true}", drained.toString());
        assertEquals(
                subject(WorkSubject.Type.WORKER, id.toString()),
                last().getPauseWork().getSubject());
        assertTrue(last().getPauseWork().getLastsMs() > 0, "workers that are gone are forgotten some time");
        said(subject(WorkSubject.Type.WORKER, id.toString()), 5, partitions);

        JsonNode worker = answer(200, door.http("GET", ORG + "/workers", null)).at("/workers/0");

        assertEquals("ann", worker.at("/draining/by").asText());
        assertEquals(partitions, worker.at("/draining/inHand").asInt());
        decided(true, 6);
        answer(200, door.http("POST", ORG + "/workers/" + id + "/undrain", "{}"));
        assertEquals(
                subject(WorkSubject.Type.WORKER, id.toString()),
                last().getResumeWork().getSubject());
        answer(404, door.http("POST", ORG + "/workers/" + new UUID(7, 2) + "/drain", "{}"));
        answer(400, door.http("POST", ORG + "/workers/w/drain", "{}"));
    }

    @Test
    void theAnswerSaysWhenSomePartitionsDoNotFollowInTime() throws Exception {
        decided(true, 8);
        said(subject(WorkSubject.Type.QUEUE, "q"), 8, partitions - 1);
        assertFalse(answer(200, door.http("POST", ORG + "/queues/q/pause", "{}"))
                .get("applied")
                .asBoolean());
    }

    @Test
    void whatIsSaidOfQueuesStandsInTheirList() throws Exception {
        said(subject(WorkSubject.Type.QUEUE, "empty"), 8, partitions);
        said(subject(WorkSubject.Type.QUEUE, "full"), 9, partitions - 1);
        said(subject(WorkSubject.Type.TASK_KIND, "pay"), 10, partitions);
        door.reads.queues = ListQueuesResponse.newBuilder()
                .addQueues(ListQueuesResponse.Queue.newBuilder()
                        .setQueue("full")
                        .setWorkType(WorkType.TASK)
                        .setReady(3)
                        .setOldestReadyAtMs(7_000))
                .addQueues(ListQueuesResponse.Queue.newBuilder()
                        .setQueue("open")
                        .setWorkType(WorkType.WORKFLOW)
                        .setReady(1)
                        .setOldestReadyAtMs(7_000))
                .build();

        JsonNode queues = answer(200, door.http("GET", ORG + "/queues", null)).get("queues");

        List<String> told = new ArrayList<>();
        queues.forEach(queue -> told.add(queue.get("queue").asText() + " "
                + queue.get("workType").asText() + " " + queue.get("ready") + " " + queue.get("policyVersion") + " "
                + queue.get("applied")));
        assertEquals(
                List.of(
                        "empty WORKFLOW 0 8 true",
                        "empty TASK 0 8 true",
                        "full WORKFLOW 0 9 false",
                        "full TASK 3 9 false",
                        "open WORKFLOW 1 0 true"),
                told);
        assertEquals(
                "{\"since\":\"1970-01-01T00:00:05Z\",\"by\":\"ann\",\"reason\":\"stock-taking\"}",
                queues.get(0).get("paused").toString());
        assertTrue(queues.get(4).get("paused").isNull());
        assertEquals(
                "pay",
                answer(200, door.http("GET", ORG + "/kinds", null))
                        .at("/kinds/0/kind")
                        .asText());
    }

    @Test
    void oneQueueIsShownWhetherOrNotThereIsWorkInIt() throws Exception {
        JsonNode nothing = answer(200, door.http("GET", ORG + "/queues/q", null));
        assertEquals(
                "{\"queue\":\"q\",\"work\":[{\"workType\":\"WORKFLOW\",\"ready\":0,\"oldestReadyAt\":null,\"oldestAgeMs\":0},"
                        + "{\"workType\":\"TASK\",\"ready\":0,\"oldestReadyAt\":null,\"oldestAgeMs\":0}],"
                        + "\"policyVersion\":0,\"applied\":true,\"paused\":null,\"limit\":null}",
                nothing.toString());
        said(subject(WorkSubject.Type.QUEUE, "q"), 8, partitions);
        assertEquals(
                "ann",
                answer(200, door.http("GET", ORG + "/queues/q", null))
                        .at("/paused/by")
                        .asText());
    }

    /** Only partitions that have not heard of it tell of a policy that is forgotten. */
    @Test
    void whatIsResumedIsNotAppliedWhilePartitionsHoldItBack() throws Exception {
        ListPoliciesResponse.Builder all = ListPoliciesResponse.newBuilder();
        all.addPoliciesBuilder()
                .setPartition(1)
                .setSubject(subject(WorkSubject.Type.QUEUE, "q"))
                .setPolicy(WorkPolicy.newBuilder().setVersion(4));
        door.reads.policies = all.build();
        JsonNode queue = answer(200, door.http("GET", ORG + "/queues/q", null));
        assertFalse(queue.get("applied").asBoolean());
        assertTrue(queue.get("paused").isNull());
    }

    @Test
    void badRequestsSayWhatWasExpected() throws Exception {
        assertEquals(
                "expected a version, 0 or more, as version, but got '-1'",
                answer(400, door.http("POST", ORG + "/queues/q/pause?version=-1", "{}"))
                        .at("/error/message")
                        .asText());
        answer(400, door.http("POST", ORG + "/queues/q/pause", "{\"because\":\"r\"}"));
        answer(400, door.http("GET", ORG + "/queues/" + "q".repeat(300), null));
        door.log.refuse(RefusalReason.ABORTED, "expected version 1");
        answer(412, door.http("POST", ORG + "/queues/q/resume?version=1", "{}"));
        door.log.refuse(RefusalReason.POISON, "expected a record");
        answer(501, door.http("POST", ORG + "/queues/q/pause", "{}"));
    }
}

package io.millrace.infra.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.infra.system.Outcomes;
import io.millrace.infra.system.TestHttp;
import io.millrace.infra.testing.Await;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.RejectPromiseRequest;
import io.millrace.proto.flovyn.v1.ResolvePromiseRequest;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Promises: sections 2.1.6 and 4.5 of the contract. */
class PromiseRulesTest extends Protocol {

    @Test
    void thePromisesIdIsTheServersAndItsNameTheWorkers() {
        String one = waiting(Commands.promise("approval"));
        String two = waiting(Commands.promise("approval"));

        assertEquals("approval", only(one, "PROMISE_CREATED").text("promiseName"));
        assertFalse(promiseId(one).equals(promiseId(two)));
    }

    @Test
    void aPromiseIsResolvedByItsId() {
        String id = waiting(Commands.promise("p"));

        resolve(promiseId(id), "{\"ok\":true}");

        Seen resolved = only(id, "PROMISE_RESOLVED");
        assertEquals(promiseId(id), resolved.text("promiseId"));
        assertEquals("p", resolved.text("promiseName"));
        assertEquals(parse("{\"ok\":true}"), resolved.data().get("value"));
        assertEquals(id, claim().getId());
    }

    @Test
    void aPromiseIsResolvedByItsWorkflowAndNameInBothForms() {
        for (String separator : List.of(":", "/")) {
            String id = waiting(Commands.promise("p:with/marks"));
            resolve(id + separator + "p:with/marks", "1");

            assertEquals(promiseId(id), only(id, "PROMISE_RESOLVED").text("promiseId"));
            claim();
            complete(id);
        }
    }

    @Test
    void aPromiseIsRejectedInAllForms() {
        for (boolean byId : new boolean[] {true, false}) {
            String id = waiting(Commands.promise("p"));
            reject(byId ? promiseId(id) : id + ":p", "not today");

            Seen rejected = only(id, "PROMISE_REJECTED");
            assertEquals(promiseId(id), rejected.text("promiseId"));
            assertEquals("not today", rejected.text("error"));
            claim();
            complete(id);
        }
    }

    @Test
    void anUnknownPromiseIsNotFound() {
        String id = waiting(Commands.promise("p"));
        String unknown = newId();

        assertRefused(Status.Code.NOT_FOUND, unknown, () -> resolve(unknown, "1"));
        assertRefused(Status.Code.NOT_FOUND, "other", () -> resolve(id + ":other", "1"));
        assertRefused(Status.Code.NOT_FOUND, unknown, () -> reject(unknown + ":p", "no"));
        assertEquals(3, types(id).size());
    }

    @Test
    void anotherOrganisationsPromiseIsNotFound() {
        String id = waiting(Commands.promise("p"));
        String promise = promiseId(id);

        for (String form : List.of(promise, id + ":p", id + "/p")) {
            assertRefused(
                    Status.Code.NOT_FOUND,
                    "promise",
                    () -> place.stranger()
                            .workflows()
                            .resolvePromise(ResolvePromiseRequest.newBuilder()
                                    .setPromiseId(form)
                                    .setValue(Commands.json("1"))
                                    .build()));
        }
        assertEquals(3, types(id).size());
    }

    @Test
    void settlingTwiceIsAnsweredAndAppendsNothing() {
        String id = waiting(Commands.promise("p"));
        String promise = promiseId(id);
        resolve(promise, "1");
        List<String> after = types(id);

        resolve(promise, "2");
        reject(promise, "late");

        assertEquals(after, types(id));
        assertEquals(1, only(id, "PROMISE_RESOLVED").data().path("value").asInt());
    }

    @Test
    void settlingForAClosedWorkflowIsAnsweredAndAppendsNothing() {
        String id = waiting(Commands.promise("p"));
        String promise = promiseId(id);
        cancelWorkflow(id, "enough");
        List<String> after = types(id);

        resolve(promise, "1");

        assertEquals(after, types(id));
    }

    @Test
    void aPromiseTimesOutUnlessItIsSettled() {
        String id = waiting(timed("lonely", 300), timed("kept", 300));
        resolve(id + ":kept", "1");

        Await.until("timeout", () -> types(id).contains("PROMISE_TIMEOUT"));
        Seen timeout = only(id, "PROMISE_TIMEOUT");
        assertEquals("lonely", timeout.text("promiseName"));
        resolve(id + ":lonely", "1");
        assertEquals("kept", only(id, "PROMISE_RESOLVED").text("promiseName"));
    }

    @Test
    void aTimeoutWakesItsWorkflow() {
        String id = waiting(timed("p", 200));

        assertEquals(id, claim().getId());
        awaitLast(id, "PROMISE_TIMEOUT");
    }

    @Test
    void aPromiseMayBeSettledByItsKeyOverHttp() {
        String key = "key " + queue;
        String id = waiting(keyed("p", key), keyed("q", key + "2"));

        Await.until(
                "the key to be bound",
                () -> post("key:" + key, "resolve", "{\"value\":{\"v\":1}}").status() == 200);
        Await.until(
                "the key to be bound",
                () -> post("key:" + key + "2", "reject", "{\"error\":\"no\"}").status() == 200);

        Await.until("both settled", () -> types(id).size() == 6);
        assertEquals(parse("{\"v\":1}"), only(id, "PROMISE_RESOLVED").data().get("value"));
        assertEquals("no", only(id, "PROMISE_REJECTED").text("error"));
    }

    @Test
    void aPromiseSettledByItsKeyIsSettledOnce() {
        String key = "key " + queue;
        String id = waiting(keyed("p", key));
        Await.until(
                "the key to be bound",
                () -> post("key:" + key, "resolve", "{\"value\":1}").status() == 200);

        // A key that is bound is looked up, so it is the promise itself that answers.
        Await.until(
                "the promise to say that it is settled",
                () -> post("key:" + key, "reject", "{\"error\":\"no\"}")
                        .body()
                        .path("alreadySettled")
                        .asBoolean());

        assertEquals(1, only(id, "PROMISE_RESOLVED").data().path("value").asInt());
        assertFalse(types(id).contains("PROMISE_REJECTED"));
    }

    @Test
    void aPromiseMayBeSettledByItsIdOverHttp() {
        String id = waiting(Commands.promise("p"), Commands.promise("q"));

        TestHttp.Answer first = post("id:" + promiseId(id, "p"), "resolve", "{\"value\":7}");
        TestHttp.Answer again = post(promiseId(id, "p"), "resolve", "{\"value\":8}");
        post(id + ":q", "reject", "{\"error\":\"no\"}");

        assertTrue(first.body().path("settled").asBoolean());
        assertTrue(again.body().path("alreadySettled").asBoolean());
        assertEquals(200, again.status());
        assertEquals(7, only(id, "PROMISE_RESOLVED").data().path("value").asInt());
        assertEquals("no", only(id, "PROMISE_REJECTED").text("error"));
        assertEquals(404, post("id:" + newId(), "resolve", "{\"value\":7}").status());
        assertEquals(
                404, post("key:nobody has " + queue, "resolve", "{\"value\":7}").status());
    }

    @Test
    void theFirstPromiseKeepsAKeyThatTwoAskFor() {
        String key = queue;
        String first = waiting(keyed("p", key));
        try (Outcomes outcomes = new Outcomes(place.server().kafka())) {
            outcomes.await(
                    "the key to be bound",
                    outcome -> outcome.getEventsList().stream()
                            .anyMatch(event -> event.getType().equals("KEY_BOUND")
                                    && event.getData().toStringUtf8().contains(key)));
        }
        String second = waiting(keyed("p", key));

        post("key:" + key, "resolve", "{\"value\":2}");

        assertFalse(types(second).contains("PROMISE_RESOLVED"));
        assertEquals(2, only(first, "PROMISE_RESOLVED").data().path("value").asInt());
    }

    @Test
    void theKeyOfAPromiseThatIsOverGoesToTheNextThatAsks() {
        String key = queue;
        String first = waiting(keyed("p", key));
        Await.until(
                "the key to be bound",
                () -> post("key:" + key, "resolve", "{\"value\":1}").status() == 200);
        Await.until(
                "the promise to say that it is settled",
                () -> post("key:" + key, "resolve", "{\"value\":2}")
                        .body()
                        .path("alreadySettled")
                        .asBoolean());
        assertEquals(first, claim().getId());
        complete(first);

        String second = waiting(keyed("p", key));

        Await.until("the second to have the key", () -> {
            post("key:" + key, "resolve", "{\"value\":3}");
            return types(second).contains("PROMISE_RESOLVED");
        });
        assertEquals(3, only(second, "PROMISE_RESOLVED").data().path("value").asInt());
        assertEquals(1, only(first, "PROMISE_RESOLVED").data().path("value").asInt());
    }

    @Test
    void aWorkflowMayResolveItsOwnPromise() {
        String id = waiting(Commands.promise("p"), Commands.resolve("p", "5"), Commands.resolve("nobody", "1"));

        assertEquals(5, only(id, "PROMISE_RESOLVED").data().path("value").asInt());
        assertEquals(id, claim().getId());
    }

    @Test
    void eitherKindOfKeyMaySettle() {
        String id = waiting(Commands.promise("p"));

        place.user()
                .workflows()
                .resolvePromise(ResolvePromiseRequest.newBuilder()
                        .setPromiseId(promiseId(id))
                        .setValue(Commands.json("1"))
                        .build());

        awaitLast(id, "PROMISE_RESOLVED");
    }

    private static WorkflowCommand timed(String name, long timeoutMs) {
        return Commands.promise(
                CreatePromiseCommand.newBuilder().setPromiseId(name).setTimeoutMs(timeoutMs));
    }

    private static WorkflowCommand keyed(String name, String key) {
        return Commands.promise(
                CreatePromiseCommand.newBuilder().setPromiseId(name).setIdempotencyKey(key));
    }

    private String promiseId(String id) {
        return only(id, "PROMISE_CREATED").text("promiseId");
    }

    private String promiseId(String id, String name) {
        return history(id).stream()
                .filter(event -> event.type().equals("PROMISE_CREATED")
                        && event.text("promiseName").equals(name))
                .findFirst()
                .orElseThrow()
                .text("promiseId");
    }

    private void resolve(String promise, String value) {
        worker.workflows()
                .resolvePromise(ResolvePromiseRequest.newBuilder()
                        .setPromiseId(promise)
                        .setValue(Commands.json(value))
                        .build());
    }

    private void reject(String promise, String error) {
        worker.workflows()
                .rejectPromise(RejectPromiseRequest.newBuilder()
                        .setPromiseId(promise)
                        .setError(error)
                        .build());
    }

    private TestHttp.Answer post(String promise, String verb, String body) {
        String name = URLEncoder.encode(promise, StandardCharsets.UTF_8).replace("+", "%20");
        return place.http().post(place.server().http("/api/orgs/dev/promises/" + name + "/" + verb), body);
    }
}

package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BindPromiseKey;
import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.FreePromiseKey;
import io.millrace.dispatcher.engine.command.Command.RejectPromise;
import io.millrace.dispatcher.engine.command.Command.ResolvePromise;
import io.millrace.dispatcher.engine.command.Command.SettlePromiseByKey;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.CreatePromise;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.proto.Shards;
import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Promises: what they are called by, their keys, and that each is settled once. */
class PromiseTest {

    private static final long TTL_MS = 10_000;

    private final Story story = new Story();

    private UUID promiseId(UUID id, String name) {
        return story.state.execution(id).promise(name).id();
    }

    private ResolvePromise resolve(UUID execution, UUID promise, String name, String value) {
        return new ResolvePromise(execution, promise, name, Story.json(value));
    }

    private Refusal.Reason refused(Command command) {
        Refusal refusal = story.when(command).refusal();
        assertTrue(refusal.text().startsWith("expected "), refusal.text());
        return refusal.reason();
    }

    @Test
    void aPromiseIsFoundByItsNameByItsIdAndByBoth() {
        UUID id = story.waiting(
                new CreatePromise("a", 0, "", 0), new CreatePromise("b", 0, "", 0), new CreatePromise("c", 0, "", 0));
        story.given(resolve(id, null, "a", "1"));
        story.given(resolve(null, promiseId(id, "b"), "", "2"));
        story.given(resolve(id, promiseId(id, "c"), "", "3"));
        assertEquals(3, story.count(id, "PROMISE_RESOLVED"));
        for (String name : List.of("a", "b", "c")) {
            assertTrue(story.state.execution(id).promise(name).settled(), name);
        }
    }

    @Test
    void theIdOfAPromiseIsItsOwnAndOnTheShardOfItsWorkflow() {
        UUID first = story.waiting(new CreatePromise("p", 0, "", 0), new CreatePromise("q", 0, "", 0));
        UUID second = story.waiting(new CreatePromise("p", 0, "", 0));
        assertNotEquals(promiseId(first, "p"), promiseId(second, "p"));
        assertNotEquals(promiseId(first, "p"), promiseId(first, "q"));
        assertEquals(Shards.of(first), Shards.of(promiseId(first, "p")));
        assertTrue(story.data(second, "PROMISE_CREATED")
                .contains(promiseId(second, "p").toString()));
    }

    @Test
    void whatNobodyPromisedIsNotFound() {
        UUID id = story.waiting(new CreatePromise("p", 0, "", 0));
        assertEquals(Refusal.Reason.NOT_FOUND, refused(resolve(id, null, "other", "1")));
        assertEquals(Refusal.Reason.NOT_FOUND, refused(resolve(story.newId(), null, "p", "1")));
        assertEquals(Refusal.Reason.NOT_FOUND, refused(resolve(null, story.newId(), "", "1")));
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), resolve(null, promiseId(id, "p"), "", "1"))
                        .refusal()
                        .reason());
        assertFalse(story.state.execution(id).promise("p").settled());
    }

    @Test
    void aPromiseIsSettledOnce() {
        UUID id = story.waiting(new CreatePromise("p", 500, "", 0));
        story.given(new RejectPromise(id, null, "p", "no"));
        List<String> once = story.history(id);
        assertEquals(
                new Answer.Accepted(false),
                story.given(resolve(id, null, "p", "1")).answer());
        assertEquals(
                new Answer.Accepted(false),
                story.given(new RejectPromise(id, null, "p", "no")).answer());
        story.passes(501);
        assertEquals(once, story.history(id));
        assertTrue(story.data(id, "PROMISE_REJECTED").contains("\"error\":\"no\""));
    }

    @Test
    void aPromiseThatNobodySettledIsNotSaidToBeSettledWhenItsWorkflowHasEnded() {
        UUID id = story.waiting(new CreatePromise("p", 0, "", 0), new CreatePromise("q", 0, "", 0));
        story.given(resolve(id, null, "q", "1"));
        story.given(new CancelWorkflow(id, "enough", "test"));
        assertEquals(
                new Answer.Accepted(false, true),
                story.given(resolve(id, null, "p", "1")).answer());
        assertEquals(
                new Answer.Accepted(false, false),
                story.given(resolve(id, null, "q", "1")).answer());
    }

    @Test
    void aPromiseTimesOutAndTakesNoValueAfterwards() {
        UUID id = story.waiting(new CreatePromise("p", 500, "", 0));
        story.passes(499);
        assertEquals(Status.WAITING, story.status(id));
        story.passes(1);
        assertEquals("PROMISE_TIMEOUT", story.history(id).getLast());
        assertEquals(
                new Answer.Accepted(false),
                story.given(resolve(id, null, "p", "1")).answer());
        assertEquals(0, story.count(id, "PROMISE_RESOLVED"));
    }

    @Test
    void aWorkflowMayResolveWhatItPromised() {
        UUID id = story.running();
        story.given(story.submit(
                id,
                SubmissionStatus.SUSPENDED,
                new CreatePromise("p", 500, "", 0),
                new WorkflowStep.ResolvePromise("p", Story.json("1")),
                new WorkflowStep.ResolvePromise("p", Story.json("2")),
                new WorkflowStep.ResolvePromise("unknown", Story.json("3"))));
        assertEquals(
                List.of("WORKFLOW_STARTED", "PROMISE_CREATED", "PROMISE_RESOLVED", "WORKFLOW_SUSPENDED"),
                story.history(id));
        assertEquals(0, story.state.dues().size());
    }

    @Test
    void aKeySettlesThePromiseThatItIsBoundTo() {
        UUID id = story.running();
        Outcome outcome =
                story.given(story.submit(id, SubmissionStatus.SUSPENDED, new CreatePromise("p", 0, "invoice", TTL_MS)));
        assertEquals(
                Shards.of(Story.ORG, "invoice"), outcome.outgoing().getFirst().shard());
        story.delivered(outcome);

        Outcome settled = story.given(new SettlePromiseByKey("invoice", false, Story.json("42"), ""));
        assertEquals(Shards.of(id), settled.outgoing().getFirst().shard());
        story.delivered(settled);
        assertTrue(story.data(id, "PROMISE_RESOLVED").contains("\"value\":42"));
        story.delivered(story.given(new SettlePromiseByKey("invoice", true, Story.json("null"), "late")));
        assertEquals(0, story.count(id, "PROMISE_REJECTED"));
    }

    @Test
    void aKeyOfAnotherOrganisationOrOfNobodyIsNotFound() {
        story.delivered(bound("invoice"));
        assertEquals(Refusal.Reason.NOT_FOUND, refused(new SettlePromiseByKey("other", false, Story.json("1"), "")));
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), new SettlePromiseByKey("invoice", false, Story.json("1"), ""))
                        .refusal()
                        .reason());
    }

    private Outcome bound(String key) {
        return promised(story.running(), SubmissionStatus.SUSPENDED, key);
    }

    private Outcome promised(UUID id, SubmissionStatus status, String key) {
        return story.given(story.submit(id, status, new CreatePromise("p", 500, key, TTL_MS)));
    }

    private UUID holder(String key) {
        return story.state.key(KeyUse.PROMISE, Story.ORG, key).executionId();
    }

    /** All that ends a promise, or the workflow that waits for it. */
    static List<BiFunction<Story, UUID, Outcome>> ends() {
        return List.of(
                (story, id) -> story.given(new ResolvePromise(id, null, "p", Story.json("1"))),
                (story, id) -> story.given(new RejectPromise(id, null, "p", "no")),
                (story, id) -> story.passes(500),
                (story, id) -> story.given(new CancelWorkflow(id, "enough", "test")),
                (story, id) -> {
                    story.given(new SignalWorkflow(id, "go", Story.json("1"), 100, "", 0));
                    assertEquals(id, story.claim("w").executionId());
                    return story.given(story.submit(id, SubmissionStatus.COMPLETED));
                },
                (story, id) -> {
                    story.given(new SignalWorkflow(id, "go", Story.json("1"), 100, "", 0));
                    assertEquals(id, story.claim("w").executionId());
                    return story.given(story.submit(
                            id, SubmissionStatus.SUSPENDED, new WorkflowStep.ResolvePromise("p", Story.json("1"))));
                });
    }

    @ParameterizedTest
    @MethodSource("ends")
    void theKeyOfAPromiseThatIsOverGoesToTheNextThatAsks(BiFunction<Story, UUID, Outcome> end) {
        UUID first = story.running();
        story.delivered(promised(first, SubmissionStatus.SUSPENDED, "invoice"));
        Outcome over = end.apply(story, first);
        assertEquals(Shards.of(Story.ORG, "invoice"), over.outgoing().getFirst().shard());
        story.delivered(over);
        List<String> before = story.history(first);

        story.delivered(story.given(new SettlePromiseByKey("invoice", false, Story.json("2"), "")));
        assertEquals(first, holder("invoice"), "whoever settles it again is still told that it is over");
        assertEquals(before, story.history(first));

        UUID second = story.newId();
        story.given(story.start(second, "another", ""));
        assertEquals(second, story.claim("w", "another").executionId());
        story.delivered(promised(second, SubmissionStatus.SUSPENDED, "invoice"));
        story.delivered(over); // sent twice, and late
        story.delivered(story.given(new SettlePromiseByKey("invoice", false, Story.json("3"), "")));
        assertTrue(story.data(second, "PROMISE_RESOLVED").contains("\"value\":3"));
        assertEquals(before, story.history(first));
    }

    /** Of two nodes that sent the command to bind a key, one was asleep for a minute. */
    @Test
    void aCommandToBindThatComesWhenTheKeyHasBeenFreedByTheNextDoesNotBlockIt() {
        UUID first = story.running();
        Outcome asked = promised(first, SubmissionStatus.COMPLETED, "invoice");
        story.delivered(asked);
        story.delivered(promised(story.running(), SubmissionStatus.COMPLETED, "invoice"));
        Command late = asked.outgoing().stream()
                .map(Outgoing::command)
                .filter(BindPromiseKey.class::isInstance)
                .findFirst()
                .orElseThrow();

        assertEquals(new Answer.Accepted(false), story.given(late).answer());

        UUID third = story.running();
        story.delivered(promised(third, SubmissionStatus.SUSPENDED, "invoice"));
        assertEquals(third, holder("invoice"));
    }

    @Test
    void aPromiseThatIsOverAsSoonAsItIsMadeDoesNotHoldItsKey() {
        story.delivered(promised(story.running(), SubmissionStatus.COMPLETED, "invoice"));
        UUID second = story.running();
        story.delivered(promised(second, SubmissionStatus.SUSPENDED, "invoice"));
        assertEquals(second, holder("invoice"));
    }

    @Test
    void whoDoesNotHoldAKeyDoesNotFreeIt() {
        UUID first = story.running();
        story.delivered(promised(first, SubmissionStatus.SUSPENDED, "invoice"));
        FreePromiseKey stray = new FreePromiseKey("invoice", story.newId());
        assertEquals(new Answer.Accepted(false), story.given(stray).answer());
        FreePromiseKey foreign = new FreePromiseKey("invoice", promiseId(first, "p"));
        assertEquals(
                new Answer.Accepted(false), story.when(new UUID(8, 8), foreign).answer());
        assertEquals(
                Refusal.Reason.ALREADY_EXISTS,
                refused(bound("invoice").outgoing().getFirst().command()));
    }

    @Test
    void theFirstPromiseKeepsTheKeyUntilItLapses() {
        Outcome first = story.given(story.submit(
                story.running(), SubmissionStatus.SUSPENDED, new CreatePromise("p", 0, "invoice", TTL_MS)));
        story.delivered(first);
        story.delivered(first); // sent twice, bound once
        BindPromiseKey second =
                (BindPromiseKey) bound("invoice").outgoing().getFirst().command();
        assertEquals(Refusal.Reason.ALREADY_EXISTS, refused(second));

        story.passes(TTL_MS);
        assertEquals(Refusal.Reason.NOT_FOUND, refused(new SettlePromiseByKey("invoice", false, Story.json("1"), "")));
        assertEquals(new Answer.Accepted(true), story.given(second).answer());
    }
}

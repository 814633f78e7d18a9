package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.SignalWithStart;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep.RecordOperation;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.Status;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals: each is one event, none is lost, and signal-with-start never has two open executions of one key. */
class SignalTest {

    private static final int MAX_SIGNALS = 3;

    private final Story story = new Story();

    private SignalWorkflow signal(UUID id, String value) {
        return new SignalWorkflow(id, "go", Story.json(value), MAX_SIGNALS, "", 0);
    }

    private Answer.Started signalWithStart(String key) {
        return (Answer.Started) story.given(new SignalWithStart(
                        story.start(story.newId(), Story.KIND, key), "go", Story.json("1"), MAX_SIGNALS, ""))
                .answer();
    }

    private UUID start(String key) {
        return ((Answer.Started)
                        story.given(story.start(story.newId(), Story.KIND, key)).answer())
                .executionId();
    }

    @Test
    void equalSignalsAreTwoSignalsAndTheAnswerTellsTheirPlace() {
        UUID id = story.started();
        assertEquals(new Answer.Signalled(2), story.given(signal(id, "1")).answer());
        assertEquals(new Answer.Signalled(3), story.given(signal(id, "1")).answer());
        assertEquals(2, story.count(id, "SIGNAL_RECEIVED"));
        assertEquals(1, story.readyWork(WorkType.WORKFLOW), "it was ready already");
    }

    private SignalWorkflow keyed(UUID id, String key) {
        return new SignalWorkflow(id, "go", Story.json("1"), MAX_SIGNALS, key, 10_000);
    }

    @Test
    void aSignalThatIsSentAgainWithItsKeyIsOneSignal() {
        UUID id = story.started();
        UUID other = story.started();
        assertEquals(new Answer.Signalled(2), story.given(keyed(id, "k")).answer());
        assertEquals(new Answer.Signalled(2), story.given(keyed(id, "k")).answer());
        assertEquals(1, story.count(id, "SIGNAL_RECEIVED"));
        assertEquals(new Answer.Signalled(3), story.given(keyed(id, "l")).answer());
        assertEquals(new Answer.Signalled(2), story.given(keyed(other, "k")).answer());
        assertEquals(1, story.count(other, "SIGNAL_RECEIVED"));
    }

    @Test
    void theAnswerToASignalIsKnownByItsKeyAfterItsExecutionEndedAndUntilTheKeyLapses() {
        UUID id = story.started();
        story.given(keyed(id, "k"));
        story.given(new CancelWorkflow(id, "enough", "test"));
        assertEquals(new Answer.Signalled(2), story.given(keyed(id, "k")).answer());
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(keyed(id, "l")).refusal().reason());
        story.passes(10_001);
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(keyed(id, "k")).refusal().reason());
    }

    @Test
    void aSignalWithStartThatIsSentAgainWithItsKeyStartsAndSignalsNothing() {
        Answer.Started first = keyedWithStart("cart", "k");
        Answer.Started again = keyedWithStart("cart", "k");
        assertEquals(new Answer.Started(first.executionId(), true, false, false, 2), again);
        assertEquals(1, story.count(first.executionId(), "SIGNAL_RECEIVED"));

        story.given(new CancelWorkflow(first.executionId(), "enough", "test"));
        assertEquals(first.executionId(), keyedWithStart("cart", "k").executionId());
        assertNotEquals(first.executionId(), keyedWithStart("cart", "l").executionId());
        assertNotEquals(first.executionId(), keyedWithStart("car", "tk").executionId());
    }

    private Answer.Started keyedWithStart(String workflowKey, String key) {
        return (Answer.Started) story.given(new SignalWithStart(
                        story.start(story.newId(), Story.KIND, workflowKey), "go", Story.json("1"), MAX_SIGNALS, key))
                .answer();
    }

    @Test
    void aWorkflowTakesSoManySignalsAndNoMore() {
        UUID id = story.started();
        for (int i = 0; i < MAX_SIGNALS; i++) {
            story.given(signal(id, "1"));
        }
        assertEquals(
                Refusal.Reason.RESOURCE_EXHAUSTED,
                story.when(signal(id, "1")).refusal().reason());
        assertEquals(MAX_SIGNALS, story.count(id, "SIGNAL_RECEIVED"));
    }

    @Test
    void aSignalThatWouldOutgrowTheHistoryIsRefusedAndTheWorkflowGoesOn() {
        UUID id = story.waiting();
        String large = '"' + "x".repeat((int) Story.MAX_HISTORY) + '"';
        assertEquals(
                Refusal.Reason.RESOURCE_EXHAUSTED,
                story.when(signal(id, large)).refusal().reason());
        assertEquals(Status.WAITING, story.status(id));
        story.given(signal(id, "1"));
        assertEquals(Status.PENDING, story.status(id));
    }

    @Test
    void nobodySignalsWhatIsClosedUnknownOrAnothers() {
        UUID id = story.started();
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(new UUID(8, 8), signal(id, "1")).refusal().reason());
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(signal(story.newId(), "1")).refusal().reason());
        story.given(new CancelWorkflow(id, "enough", "test"));
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(signal(id, "1")).refusal().reason());
        assertEquals(0, story.count(id, "SIGNAL_RECEIVED"));
    }

    /** A signal that is sent as soon as the workflow was started: whether it completes before or after is chance. */
    @Test
    void aSignalToWhatCompletedAMomentAgoIsNotedBehindTheEndAndTheAnswerTellsSo() {
        UUID before = signalWithStart("before").executionId();
        story.claim("w");
        assertEquals(new Answer.Signalled(3), story.given(signal(before, "2")).answer());
        story.given(story.submit(before, SubmissionStatus.COMPLETED));

        UUID after = signalWithStart("after").executionId();
        story.claim("w");
        story.given(story.submit(after, SubmissionStatus.COMPLETED));
        List<String> seenByWorkers = story.history(after);
        Outcome late = story.given(signal(after, "2"));

        assertEquals(new Answer.Signalled(0), late.answer());
        assertEquals(List.of("SIGNAL_NOT_DELIVERED"), Story.types(late));
        assertEquals(0, late.events().getFirst().historySequence());
        assertEquals(
                "{\"signalName\":\"go\",\"signalValue\":2}",
                new String(late.events().getFirst().data(), StandardCharsets.UTF_8));
        assertEquals(seenByWorkers, story.history(after));
        assertEquals(Status.COMPLETED, story.status(after));
        assertEquals(0, story.readyWork(WorkType.WORKFLOW));
    }

    @Test
    void aSignalThatCameLateIsKnownByItsKeyToo() {
        UUID id = story.running();
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(new Answer.Signalled(0), story.given(keyed(id, "k")).answer());
        Outcome again = story.given(keyed(id, "k"));
        assertEquals(new Answer.Signalled(0), again.answer());
        assertEquals(List.of(), again.events());
    }

    @Test
    void whatCompletedTakesNoMoreSignalsThanWhatIsOpen() {
        UUID id = story.running();
        story.given(signal(id, "1"));
        story.given(story.submit(id, SubmissionStatus.COMPLETED));
        for (int i = 1; i < MAX_SIGNALS; i++) {
            story.given(signal(id, "1"));
        }
        assertEquals(
                Refusal.Reason.RESOURCE_EXHAUSTED,
                story.when(signal(id, "1")).refusal().reason());
    }

    @Test
    void whatFailedOrHasLeftTheStoresTakesNoSignal() {
        UUID failed = story.running();
        story.given(story.submit(failed, SubmissionStatus.FAILED));
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                story.when(signal(failed, "1")).refusal().reason());

        UUID gone = story.running();
        story.given(story.submit(gone, SubmissionStatus.COMPLETED));
        story.passes(2 * Story.RETENTION_MS);
        assertEquals(
                Refusal.Reason.NOT_FOUND,
                story.when(signal(gone, "1")).refusal().reason());
    }

    @Test
    void underTheOldestRulesASignalToWhatCompletedIsRefused() {
        Story old = Story.under(Rules.OLDEST);
        UUID id = old.running();
        old.given(old.submit(id, SubmissionStatus.COMPLETED));
        assertEquals(
                Refusal.Reason.FAILED_PRECONDITION,
                old.when(signal(id, "1")).refusal().reason());
    }

    @Test
    void signalsWhileItRunsComeBehindWhatItSawAndBeforeWhatItDecides() {
        UUID id = story.running();
        story.given(signal(id, "1"));
        story.given(story.submit(id, SubmissionStatus.SUSPENDED, new RecordOperation("roll", Story.json("4"))));
        assertEquals(
                List.of("WORKFLOW_STARTED", "SIGNAL_RECEIVED", "OPERATION_COMPLETED", "WORKFLOW_SUSPENDED"),
                story.history(id));
        assertEquals(Status.PENDING, story.status(id));
    }

    @Test
    void signalWithStartReachesWhatAPlainStartBegan() {
        UUID id = start("cart");
        Answer.Started answer = signalWithStart("cart");
        assertEquals(id, answer.executionId());
        assertFalse(answer.created());
        assertEquals(2, answer.signalSequence());
    }

    @Test
    void signalWithStartWakesWhatWaits() {
        UUID id = signalWithStart("cart").executionId();
        story.claim("w");
        story.given(story.submit(id, SubmissionStatus.SUSPENDED));
        signalWithStart("cart");
        assertEquals(1, story.readyWork(WorkType.WORKFLOW));
        assertEquals(id, story.claim("w").executionId());
    }

    @Test
    void whatCompletedIsNotSignalledAndANewOneTakesTheKeyOver() {
        UUID first = signalWithStart("cart").executionId();
        story.claim("w");
        story.given(story.submit(first, SubmissionStatus.COMPLETED));

        Answer.Started second = signalWithStart("cart");
        assertTrue(second.created());
        assertNotEquals(first, second.executionId());
        assertEquals(1, story.count(first, "SIGNAL_RECEIVED"));
        assertEquals(second.executionId(), start("cart"));
    }

    @Test
    void whoNoLongerHasTheKeyDoesNotReleaseIt() {
        UUID first = signalWithStart("cart").executionId();
        story.passes(10_001); // the key has lapsed, the execution is open
        UUID second = start("cart");
        assertNotEquals(first, second);
        story.given(new CancelWorkflow(first, "enough", "test"));
        assertEquals(second, signalWithStart("cart").executionId());
    }

    @ParameterizedTest
    @ValueSource(longs = {10_000, 10_001, 10_000_000})
    void signalWithStartFindsAnOpenExecutionHoweverOldItIs(long ageMs) {
        UUID id = start("cart");
        story.passes(ageMs);
        Answer.Started answer = signalWithStart("cart");
        assertEquals(id, answer.executionId());
        assertFalse(answer.created());
    }

    @ParameterizedTest
    @EnumSource(value = SubmissionStatus.class, names = "SUSPENDED", mode = EnumSource.Mode.EXCLUDE)
    void aKeyBeyondItsExpiryIsReleasedWhenItsExecutionCloses(SubmissionStatus end) {
        UUID first = start("cart");
        story.passes(10_001);
        story.claim("w");
        story.given(story.submit(first, end));
        assertNull(story.state.key(KeyUse.WORKFLOW, Story.ORG, "cart"));
        assertNotEquals(first, signalWithStart("cart").executionId());
    }

    @Test
    void theKeyOfAnExecutionThatClosedBeforeIsReleasedWhenItExpires() {
        UUID first = start("cart");
        story.claim("w");
        story.given(story.submit(first, SubmissionStatus.COMPLETED));
        story.passes(9_999);
        assertEquals(first, start("cart"));
        story.passes(60_000);
        assertNull(story.state.key(KeyUse.WORKFLOW, Story.ORG, "cart"), "it left with its bucket");
    }

    @Test
    void signalWithStartKeepsTheLimitOfSignals() {
        UUID id = signalWithStart("cart").executionId();
        for (int i = 1; i < MAX_SIGNALS; i++) {
            story.given(signal(id, "1"));
        }
        Outcome tooMany = story.when(new SignalWithStart(
                story.start(story.newId(), Story.KIND, "cart"), "go", Story.json("1"), MAX_SIGNALS, ""));
        assertEquals(Refusal.Reason.RESOURCE_EXHAUSTED, tooMany.refusal().reason());
    }
}

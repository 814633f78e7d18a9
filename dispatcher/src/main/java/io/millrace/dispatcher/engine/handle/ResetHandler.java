package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.command.Command.ChildOutcome;
import io.millrace.dispatcher.engine.command.Command.ContinueChild;
import io.millrace.dispatcher.engine.command.Command.Point;
import io.millrace.dispatcher.engine.command.Command.ResetWorkflow;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Closing;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.HistoryLimit;
import io.millrace.dispatcher.engine.decide.KeptHistory;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.NewRun;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.Event.WorkflowReset;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.proto.Shards;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Lets a workflow go on in a new run, which begins with what is kept of the history of the earlier one. The earlier run is closed, if
 * it is open, and each of the two names the other. A run has one successor, so that no workflow goes on twice.
 */
public final class ResetHandler {

    private ResetHandler() {}

    /** ResetWorkflow. */
    public static Decision reset(Draft draft, ResetWorkflow asked) {
        ResetWorkflow c = asked;
        Execution old = Lookup.workflow(draft, c.executionId());
        if (old == null) {
            return Lookup.noSuchRun(draft, c.executionId());
        }
        if (Refusals.isOtherSequence(old, c.expectedSequence())) {
            return Refusals.changed(old, c.expectedSequence());
        }
        List<SealedEvent> history = draft.state().history(old);
        if (c.point() == Point.FIRST_OF_TYPE) {
            int first = KeptHistory.firstOf(history, c.eventType());
            if (first == 0) {
                return refused("expected an event " + c.eventType() + " in the history of " + old.id()
                        + ", to go on behind the first of them, but there is none");
            }
            c = c.behind(first);
        }
        Decision refusal = refusal(draft, old, history, c);
        if (refusal != null) {
            return refusal;
        }
        boolean asNew = c.point() == Point.CONTINUE_AS_NEW;
        KeptHistory kept = KeptHistory.of(history, c.point(), asNew ? old.shownSequence() : c.sequence());
        long limit = HistoryLimit.of(draft);
        if (asNew && kept.beginsWith(c.input()) > limit) {
            return Refusals.newRunFull(kept.beginsWith(c.input()), limit);
        }
        NewRun run = new NewRun(draft, old, c, kept);
        List<Answer.Again> again = run.again();
        if (c.dryRun()) {
            return draft.answer(new Answer.Reset(null, again));
        }
        run.begin();
        if (asNew) {
            Closing.continueAsNew(draft, old, List.of(), c);
        } else {
            Closing.reset(draft, old, run.children(), c);
            draft.event(new WorkflowReset(old.id(), c.newExecutionId(), kept.last(), c.reason(), c.requestedBy()));
        }
        return draft.answer(new Answer.Reset(c.newExecutionId(), again));
    }

    private static @Nullable Decision refusal(Draft draft, Execution old, List<SealedEvent> history, ResetWorkflow c) {
        UUID successor = old.successorId();
        if (successor != null) {
            return Refusals.goesOn(old.id(), successor);
        }
        if (c.point() == Point.LAST_GOOD_POINT && old.status() != Status.FAILED && old.status() != Status.CANCELLED) {
            return refused(
                    "expected a workflow execution that is FAILED or CANCELLED, but " + old.id() + " is " + old.status()
                            + (old.status() == Status.COMPLETED ? ": it can be reset to an event, or restarted" : ""));
        }
        if (c.point() == Point.CONTINUE_AS_NEW && old.status().terminal()) {
            return refused("expected an open workflow execution, but " + old.id() + " is " + old.status());
        }
        if (c.point() == Point.SEQUENCE) {
            int last = KeptHistory.lastBeforeEnd(history);
            if (c.sequence() < 1 || c.sequence() > last) {
                // How many events there are is not known to who asks, so a number beyond them is no malformed request.
                return Decision.refused(
                        c.sequence() < 1 ? Reason.INVALID_ARGUMENT : Reason.FAILED_PRECONDITION,
                        "expected the number of an event that is kept last, 1 to " + last + " for " + old.id()
                                + ", but got " + c.sequence());
            }
        }
        if (!c.dryRun() && draft.state().execution(c.newExecutionId()) != null) {
            return Refusals.runExists(c.newExecutionId());
        }
        long limit = HistoryLimit.of(draft);
        long more = c.input() == null ? 0 : c.input().size();
        return HistoryLimit.exceeded(old, more, limit)
                        && c.point() != Point.BEGINNING
                        && c.point() != Point.CONTINUE_AS_NEW
                ? Refusals.historyFull(old, limit)
                : null;
    }

    private static Decision refused(String text) {
        return Decision.refused(Reason.FAILED_PRECONDITION, text);
    }

    /** ContinueChild: its parent goes on in a new run, which is to hear of its end. */
    public static Decision continueChild(Draft draft, ContinueChild c) {
        if (c.newExecutionId() != null && Lookup.newestRun(draft, c.newExecutionId()) != null) {
            return draft.answer(
                    new Answer.Accepted(false)); // it came before, and has begun this run, which tells of its end
        }
        Execution last = Lookup.newestRun(draft, c.executionId());
        UUID knownAs = Objects.requireNonNullElse(c.newExecutionId(), c.executionId());
        if (last == null) {
            tell(
                    draft,
                    c,
                    knownAs,
                    ChildOutcome.FAILED,
                    Payload.NULL,
                    "expected child " + c.executionId()
                            + " to go on, but it ended so long ago that it is not there any more");
            return draft.answer(new Answer.Accepted(false));
        }
        boolean goesOn = c.newExecutionId() == null;
        if (last.status() == Status.COMPLETED && (goesOn || c.point() == Point.LAST_GOOD_POINT)) {
            tell(
                    draft,
                    c,
                    knownAs,
                    ChildOutcome.COMPLETED,
                    Objects.requireNonNullElse(last.output(), Payload.NULL),
                    "");
            return draft.answer(new Answer.Accepted(true));
        }
        if (goesOn && last.status().terminal()) {
            ChildOutcome outcome = last.status() == Status.FAILED ? ChildOutcome.FAILED : ChildOutcome.CANCELLED;
            tell(draft, c, knownAs, outcome, Payload.NULL, Objects.requireNonNullElse(last.error(), ""));
            return draft.answer(new Answer.Accepted(true));
        }
        if (goesOn) {
            return draft.answer(new Answer.Accepted(false)); // it tells the parent that it had, which passes that on
        }
        Decision begun = reset(
                draft,
                new ResetWorkflow(
                        last.id(),
                        knownAs,
                        last.status().terminal() ? c.point() : Point.BEGINNING,
                        0,
                        null,
                        false,
                        c.reason(),
                        "parent " + c.parentExecutionId(),
                        0,
                        c.keyTtlMs(),
                        c.parentExecutionId(),
                        ""));
        if (begun.refusal() != null) {
            tell(
                    draft,
                    c,
                    knownAs,
                    ChildOutcome.FAILED,
                    Payload.NULL,
                    begun.refusal().text());
            return draft.answer(new Answer.Accepted(false));
        }
        return begun;
    }

    private static void tell(
            Draft draft, ContinueChild c, UUID knownAs, ChildOutcome outcome, Payload output, String error) {
        draft.send(
                draft.orgId(),
                Shards.of(c.parentExecutionId()),
                new ChildClosed(c.parentExecutionId(), knownAs, c.childExecutionName(), outcome, output, error));
    }
}

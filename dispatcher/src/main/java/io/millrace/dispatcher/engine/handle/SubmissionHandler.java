package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.Point;
import io.millrace.dispatcher.engine.command.Command.ResetWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmitCommands;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.command.WorkflowStep.CancelWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.CompleteWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.ContinueAsNew;
import io.millrace.dispatcher.engine.command.WorkflowStep.FailWorkflow;
import io.millrace.dispatcher.engine.command.WorkflowStep.SuspendWorkflow;
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
import io.millrace.dispatcher.engine.decide.Reporters;
import io.millrace.dispatcher.engine.decide.SubmissionSteps;
import io.millrace.dispatcher.engine.event.Event.SubmissionDiscarded;
import io.millrace.dispatcher.engine.event.Event.SubmissionIgnored;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowSuspended;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a worker decided in one activation: all of it or nothing. Requests carry neither lease nor version. So a
 * stale worker is known by three things: the execution's status; the numbers of its commands, where an SDK counts on
 * from what it saw; and a batch that issues what stands in the history already. Another worker than the one that holds the
 * workflow is known by who it is.
 */
public final class SubmissionHandler {

    private SubmissionHandler() {}

    /** SubmitWorkflowCommands. */
    public static Decision submit(Draft draft, SubmitCommands c) {
        Execution execution = Lookup.workflow(draft, c.executionId());
        if (execution == null) {
            return Refusals.noExecution(c.executionId());
        }
        if (execution.status() != Status.RUNNING) {
            return ignored(
                    draft,
                    execution,
                    "expected a claim on workflow execution " + execution.id() + ", but it is " + execution.status()
                            + " and no worker holds it");
        }
        return Reporters.ofWorkflow(draft, execution, its -> submit(draft, its, c));
    }

    private static Decision submit(Draft draft, Execution execution, SubmitCommands c) {
        if (ofAnEarlierClaim(execution, c.firstSequenceNumber())) {
            return ignored(
                    draft,
                    execution,
                    "expected commands of the present claim on " + execution.id() + ", which has seen "
                            + execution.shownSequence() + " events, but these come from one that had seen "
                            + (c.firstSequenceNumber() - 1));
        }
        SubmissionSteps steps = new SubmissionSteps(draft, execution, c.retentionMs());
        String collision = steps.taskOfAnotherKind(c.steps());
        if (collision != null) {
            return Decision.refused(Reason.FAILED_PRECONDITION, collision);
        }
        if (steps.issuesKnown(c.steps())) {
            return discard(draft, execution, c);
        }
        long limit = HistoryLimit.of(draft);
        // A run that continues as new is not to fail for the history that it leaves behind.
        if (c.steps().stream().noneMatch(ContinueAsNew.class::isInstance)
                && HistoryLimit.exceeded(execution, steps.size(c.steps()), limit)) {
            Closing.fail(draft, execution, HistoryLimit.text(execution, limit), "", "HISTORY_LIMIT");
            return draft.answer(new Answer.Accepted(true));
        }
        WorkflowStep terminal = null;
        String suspendReason = "";
        for (WorkflowStep step : c.steps()) {
            switch (step) {
                case CompleteWorkflow s -> terminal = s;
                case FailWorkflow s -> terminal = s;
                case CancelWorkflow s -> terminal = s;
                case ContinueAsNew s -> terminal = s;
                case SuspendWorkflow s -> suspendReason = s.reason();
                default -> steps.take(step); // SubmissionSteps switches over the rest without a default
            }
        }
        if (terminal instanceof ContinueAsNew s && draft.state().execution(s.newExecutionId()) != null) {
            return Refusals.runExists(s.newExecutionId());
        }
        end(draft, execution, steps, terminal == null ? impliedEnd(c) : terminal, suspendReason);
        return draft.answer(new Answer.Accepted(true));
    }

    /**
     * The submission came too late. That is no error for its worker: public SDKs answer any error with a second
     * submission that fails the workflow, and by then another claim may run.
     */
    private static Decision ignored(Draft draft, Execution execution, String reason) {
        draft.event(new SubmissionIgnored(execution.id(), reason, null));
        return draft.answer(new Answer.Accepted(false));
    }

    /**
     * SDKs that number from what they saw start at 2 at least, because WORKFLOW_STARTED is always there. Those that start at 1 each
     * time say nothing of it.
     */
    static boolean ofAnEarlierClaim(Execution execution, int firstSequenceNumber) {
        int seen = firstSequenceNumber - 1;
        return seen >= 1 && seen < execution.shownSequence();
    }

    /** A terminal command wins over the status; a terminal status does without one. */
    private static @Nullable WorkflowStep impliedEnd(SubmitCommands c) {
        return switch (c.status()) {
            case COMPLETED -> new CompleteWorkflow(Payload.NULL);
            case FAILED -> new FailWorkflow("Workflow failed without an error", "", "ERROR");
            case CANCELLED -> new CancelWorkflow("Cancelled by its worker");
            case SUSPENDED -> null;
        };
    }

    private static void end(
            Draft draft, Execution execution, SubmissionSteps steps, @Nullable WorkflowStep end, String suspendReason) {
        switch (end) {
            case null -> draft.history(execution.id(), new WorkflowSuspended(suspendReason));
            case CompleteWorkflow s -> Closing.complete(draft, execution, s.output());
            case FailWorkflow s when s.failureType().equals("CANCELLED") -> cancel(draft, execution, steps, s.error());
            case FailWorkflow s -> Closing.fail(draft, execution, s.error(), s.stackTrace(), s.failureType());
            case CancelWorkflow s -> cancel(draft, execution, steps, s.reason());
            case ContinueAsNew s -> continueAsNew(draft, execution, steps, s);
            default -> throw new IllegalStateException("expected a terminal command, but got " + end);
        }
    }

    private static void cancel(Draft draft, Execution execution, SubmissionSteps steps, String reason) {
        steps.cancelIssued(reason);
        Closing.cancel(draft, execution, reason);
    }

    private static void continueAsNew(Draft draft, Execution execution, SubmissionSteps steps, ContinueAsNew s) {
        ResetWorkflow asked = new ResetWorkflow(
                execution.id(),
                s.newExecutionId(),
                Point.CONTINUE_AS_NEW,
                0,
                s.input(),
                false,
                "",
                "",
                0,
                s.keyTtlMs(),
                null,
                "");
        List<SealedEvent> history = draft.state().history(execution);
        KeptHistory kept = KeptHistory.untaken(history, s.takenSignals());
        long limit = HistoryLimit.of(draft);
        long begins = kept.beginsWith(s.input());
        if (begins > limit) {
            Closing.fail(draft, execution, HistoryLimit.textOfNewRun(begins, limit), "", "HISTORY_LIMIT");
            return;
        }
        new NewRun(draft, execution, asked, kept).begin();
        Closing.continueAsNew(draft, execution, steps.issuedTasks(), asked);
    }

    /**
     * One known identity proves that the worker replayed from a stale or empty history. Nothing of the batch can be
     * trusted, and what it waits for may have happened, so the workflow goes back to its queue.
     */
    private static Decision discard(Draft draft, Execution execution, SubmitCommands c) {
        int round = execution.staleRounds() + 1;
        String reason = "the batch issues what stands in the history already, so its worker saw a stale or empty one";
        if (round > c.maxStaleRounds()) {
            Closing.fail(
                    draft,
                    execution,
                    "expected commands that continue the history, but " + round + " submissions in a row were stale",
                    "",
                    "DETERMINISM_VIOLATION");
            return draft.answer(new Answer.Accepted(true));
        }
        long retryAt = draft.now() + Math.max(1, c.staleRetryDelayMs());
        draft.event(new SubmissionDiscarded(execution.id(), reason, round, retryAt));
        return draft.answer(new Answer.Accepted(false));
    }
}

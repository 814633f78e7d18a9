package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.ReportRefused;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Closing;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.decide.Reporters;
import io.millrace.dispatcher.engine.event.Event.SubmissionRefused;
import io.millrace.dispatcher.engine.event.Event.TaskReportRefused;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Task;

/**
 * Reports of workers that were refused. Most workers only log that and go on, so nothing more would come until the lease ends.
 * Here the lease ends sooner, and if the work fails in the end, it fails with what was wrong with the reports.
 */
public final class RefusedReportHandler {

    private RefusedReportHandler() {}

    /** ReportRefused. */
    public static Decision note(Draft draft, ReportRefused c) {
        return c.taskId() == null ? submission(draft, c) : task(draft, c);
    }

    private static Decision submission(Draft draft, ReportRefused c) {
        Execution execution = Lookup.workflow(draft, c.executionId());
        if (execution == null) {
            return Refusals.noExecution(c.executionId());
        }
        if (execution.status() != Status.RUNNING
                || SubmissionHandler.ofAnEarlierClaim(execution, c.firstSequenceNumber())) {
            return draft.answer(new Answer.Accepted(false));
        }
        return Reporters.ofWorkflow(draft, execution, its -> submission(draft, its, c));
    }

    private static Decision submission(Draft draft, Execution execution, ReportRefused c) {
        // However often a worker tries in one delivery, it is one round.
        int round = execution.refusedRounds() + (execution.refusedInThisDelivery() ? 0 : 1);
        long leaseUntil = Math.min(execution.leaseUntilMs(), draft.now() + c.graceMs());
        draft.event(new SubmissionRefused(execution.id(), c.text(), round, leaseUntil));
        if (round >= c.maxRounds()) {
            Closing.fail(draft, execution, error(c.text()), "", "INVALID_SUBMISSION");
        }
        return draft.answer(new Answer.Accepted(true));
    }

    private static Decision task(Draft draft, ReportRefused c) {
        return Reporters.ofTask(draft, c.executionId(), c.taskId(), Task::running, its -> task(draft, its, c));
    }

    private static Decision task(Draft draft, Task task, ReportRefused c) {
        long leaseUntil = Math.min(task.leaseUntilMs(), draft.now() + c.graceMs());
        draft.event(new TaskReportRefused(task.executionId(), task.id(), c.text(), leaseUntil));
        return draft.answer(new Answer.Accepted(true));
    }

    /** @return what work fails of whose report was refused with the text */
    static String error(String refusal) {
        return "expected a report that can be taken, but it was refused: " + refusal;
    }
}

package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.PauseWorkflow;
import io.millrace.dispatcher.engine.command.Command.ResumeWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.Event.WorkflowPaused;
import io.millrace.dispatcher.engine.event.Event.WorkflowResumed;
import io.millrace.dispatcher.engine.state.Execution;
import java.util.UUID;
import java.util.function.Function;

/**
 * Holds workflows back: nothing of them is handed out, neither themselves nor their tasks. What workers have goes on, timers fire,
 * and signals come in; all of that is there when they are resumed.
 */
public final class PauseHandler {

    private PauseHandler() {}

    /** PauseWorkflow. */
    public static Decision pause(Draft draft, PauseWorkflow c) {
        return ofOpen(draft, c.executionId(), c.expectedSequence(), execution -> {
            if (execution.paused()) {
                return draft.answer(new Answer.Accepted(false));
            }
            draft.event(new WorkflowPaused(execution.id(), c.reason(), c.requestedBy()));
            return draft.answer(new Answer.Accepted(true));
        });
    }

    /** ResumeWorkflow. */
    public static Decision resume(Draft draft, ResumeWorkflow c) {
        return ofOpen(draft, c.executionId(), c.expectedSequence(), execution -> {
            if (!execution.paused()) {
                return draft.answer(new Answer.Accepted(false));
            }
            draft.event(new WorkflowResumed(execution.id(), c.reason(), c.requestedBy()));
            return draft.answer(new Answer.Accepted(true));
        });
    }

    private static Decision ofOpen(
            Draft draft, UUID executionId, int expectedSequence, Function<Execution, Decision> decide) {
        return Lookup.asSeen(
                draft,
                executionId,
                expectedSequence,
                execution -> execution.status().terminal() ? Refusals.closed(execution) : decide.apply(execution));
    }
}

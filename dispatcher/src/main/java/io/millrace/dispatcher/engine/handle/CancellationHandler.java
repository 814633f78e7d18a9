package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Closing;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.HistoryEntry.CancellationRequested;
import io.millrace.dispatcher.engine.state.Execution;

/** Cancels workflows by force, since no SDK reacts to a request. */
public final class CancellationHandler {

    private CancellationHandler() {}

    /** CancelWorkflow. */
    public static Decision cancel(Draft draft, CancelWorkflow c) {
        Execution execution = Lookup.workflow(draft, c.executionId());
        if (execution == null) {
            return Refusals.noExecution(c.executionId());
        }
        if (execution.status().terminal()) {
            return draft.answer(new Answer.Accepted(false));
        }
        draft.history(execution.id(), new CancellationRequested(c.reason(), c.requestedBy()));
        Closing.cancel(draft, execution, c.reason());
        return draft.answer(new Answer.Accepted(true));
    }
}

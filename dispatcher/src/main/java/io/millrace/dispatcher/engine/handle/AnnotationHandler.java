package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.AnnotateWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.Event.WorkflowAnnotated;
import io.millrace.dispatcher.engine.state.Execution;

/**
 * What people note about workflows. It stands among their events, and nothing else comes of it but that it counts: whoever shows a
 * workflow shows all of them.
 */
public final class AnnotationHandler {

    /** Notes about one run, at the most. */
    public static final int MOST = 100;

    private AnnotationHandler() {}

    /** AnnotateWorkflow. */
    public static Decision annotate(Draft draft, AnnotateWorkflow c) {
        Execution execution = Lookup.workflow(draft, c.executionId());
        if (execution == null) {
            return Refusals.noExecution(c.executionId());
        }
        if (execution.annotations() >= MOST) {
            return Decision.refused(
                    Reason.RESOURCE_EXHAUSTED,
                    "expected at most " + MOST + " annotations of a workflow execution, but " + execution.id() + " has "
                            + execution.annotations() + " already");
        }
        draft.event(new WorkflowAnnotated(execution.id(), c.text(), c.requestedBy()));
        return draft.answer(new Answer.Accepted(true));
    }
}

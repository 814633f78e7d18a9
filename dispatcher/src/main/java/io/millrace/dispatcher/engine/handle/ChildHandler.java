package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Closing;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.HistoryLimit;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.ChildCompleted;
import io.millrace.dispatcher.engine.event.HistoryEntry.ChildFailed;
import io.millrace.dispatcher.engine.state.Child;
import io.millrace.dispatcher.engine.state.Execution;

/** Tells parents how their children ended: once, whatever is sent twice; a cancelled child has failed for its parent. */
public final class ChildHandler {

    private ChildHandler() {}

    /** ChildClosed. */
    public static Decision closed(Draft draft, ChildClosed c) {
        Execution parent = Lookup.newestRun(draft, c.parentExecutionId());
        if (parent == null) {
            return Refusals.noExecution(c.parentExecutionId());
        }
        Child child = parent.child(c.childExecutionId());
        if (child == null || child.closed() || parent.status().terminal()) {
            return draft.answer(new Answer.Accepted(false));
        }
        HistoryEntry entry = switch (c.outcome()) {
            case COMPLETED -> new ChildCompleted(child.name(), child.id(), c.output());
            case FAILED, CANCELLED -> new ChildFailed(child.name(), child.id(), c.error());
        };
        Closing.append(draft, parent, entry, c.output().size() + HistoryLimit.bytes(c.error()));
        return draft.answer(new Answer.Accepted(true));
    }
}

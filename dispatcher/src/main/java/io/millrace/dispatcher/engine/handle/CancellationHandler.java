package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.CancelWorkflow;
import io.millrace.dispatcher.engine.command.Command.RequestCancellation;
import io.millrace.dispatcher.engine.command.Command.TerminateWorkflow;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Closing;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.HistoryLimit;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.HistoryEntry.CancellationRequested;
import io.millrace.dispatcher.engine.state.Execution;
import java.util.UUID;
import java.util.function.Function;

/**
 * Ends workflows from outside: at once, by force, since no public SDK reacts to a request; or after a time, for workers that do.
 */
public final class CancellationHandler {

    private CancellationHandler() {}

    /** CancelWorkflow. */
    public static Decision cancel(Draft draft, CancelWorkflow c) {
        return ofOpen(draft, c.executionId(), 0, execution -> force(draft, execution, c.reason(), c.requestedBy()));
    }

    /**
     * RequestCancellation: its worker hears of it, and has its time. Who asks again may have it end sooner, and never later: the
     * first one counts on its end.
     */
    public static Decision request(Draft draft, RequestCancellation c) {
        return ofOpen(draft, c.executionId(), c.expectedSequence(), execution -> request(draft, execution, c));
    }

    private static Decision request(Draft draft, Execution execution, RequestCancellation c) {
        if (c.forceAfterMs() <= 0) {
            return force(draft, execution, c.reason(), c.requestedBy());
        }
        long forceAtMs = draft.now() + c.forceAfterMs();
        if (execution.cancelAtMs() != 0 && execution.cancelAtMs() <= forceAtMs) {
            return draft.answer(new Answer.Accepted(false));
        }
        long bytes = HistoryLimit.bytes(c.reason()) + HistoryLimit.bytes(c.requestedBy());
        if (HistoryLimit.exceeded(execution, bytes, HistoryLimit.of(draft))) {
            return Refusals.historyFull(execution, HistoryLimit.of(draft));
        }
        draft.history(execution.id(), new CancellationRequested(c.reason(), c.requestedBy(), forceAtMs));
        return draft.answer(new Answer.Accepted(true));
    }

    private static Decision force(Draft draft, Execution execution, String reason, String requestedBy) {
        draft.history(execution.id(), new CancellationRequested(reason, requestedBy, 0));
        Closing.cancel(draft, execution, reason);
        return draft.answer(new Answer.Accepted(true));
    }

    /** TerminateWorkflow: at once, and nobody is asked. */
    public static Decision terminate(Draft draft, TerminateWorkflow c) {
        return ofOpen(draft, c.executionId(), c.expectedSequence(), execution -> {
            Closing.terminate(draft, execution, c.reason(), c.requestedBy());
            return draft.answer(new Answer.Accepted(true));
        });
    }

    /** What has ended already stays as it is, and that is no fault of who asks. */
    private static Decision ofOpen(
            Draft draft, UUID executionId, int expectedSequence, Function<Execution, Decision> decide) {
        return Lookup.asSeen(
                draft,
                executionId,
                expectedSequence,
                execution -> execution.status().terminal()
                        ? draft.answer(new Answer.Accepted(false))
                        : decide.apply(execution));
    }
}

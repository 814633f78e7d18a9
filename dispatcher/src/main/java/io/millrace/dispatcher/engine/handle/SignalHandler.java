package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.HistoryLimit;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.decide.SignalKeys;
import io.millrace.dispatcher.engine.event.Event.SignalNotDelivered;
import io.millrace.dispatcher.engine.event.HistoryEntry.SignalReceived;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.KeyBinding;
import org.jspecify.annotations.Nullable;

/** Appends signals: each is one, in the order of the log, whether the workflow asks for it yet or not. */
public final class SignalHandler {

    /** Instead of a place in the history. */
    private static final int NOT_DELIVERED = 0;

    private SignalHandler() {}

    /** SignalWorkflow. */
    public static Decision signal(Draft draft, SignalWorkflow c) {
        String key = KeyBinding.ofSignal(c.executionId(), c.key());
        KeyBinding sent = SignalKeys.sent(draft, key);
        if (sent != null) {
            return draft.answer(new Answer.Signalled(SignalKeys.sequence(sent)));
        }
        Execution execution = Lookup.newestRun(draft, c.executionId());
        if (execution == null) {
            return Refusals.noExecution(c.executionId());
        }
        if (comesLate(draft, execution)) {
            return note(draft, execution, c, key);
        }
        Decision refusal = refusal(execution, c.signalValue(), c.maxSignals(), HistoryLimit.of(draft));
        if (refusal != null) {
            return refusal;
        }
        int sequence = draft.history(execution.id(), new SignalReceived(c.signalName(), c.signalValue()));
        SignalKeys.remember(draft, execution.id(), key, sequence, c.keyTtlMs());
        return draft.answer(new Answer.Signalled(sequence));
    }

    /**
     * A workflow that completes leaves signals unread that came before, if it does not ask for them. Whoever signals
     * cannot know how far it is. So a signal that comes a moment later is no error either. It stands in the log, behind
     * the end, and the answer tells that nobody will see it. One that failed or was cancelled has not done what it was
     * for: that is told as an error.
     */
    private static boolean comesLate(Draft draft, Execution execution) {
        return draft.rules() >= Rules.LATE_SIGNALS_NOTED && execution.status() == Status.COMPLETED;
    }

    private static Decision note(Draft draft, Execution execution, SignalWorkflow c, String key) {
        Decision refusal = tooMany(execution, c.maxSignals());
        if (refusal != null) {
            return refusal;
        }
        draft.event(new SignalNotDelivered(execution.id(), c.signalName(), c.signalValue()));
        SignalKeys.remember(draft, execution.id(), key, NOT_DELIVERED, c.keyTtlMs());
        return draft.answer(new Answer.Signalled(NOT_DELIVERED));
    }

    /** @return why the execution takes no such signal, or null */
    static @Nullable Decision refusal(Execution execution, Payload value, int maxSignals, long historyLimit) {
        if (execution.status().terminal()) {
            return Refusals.closed(execution);
        }
        Decision refusal = tooMany(execution, maxSignals);
        if (refusal != null) {
            return refusal;
        }
        return HistoryLimit.exceeded(execution, value.size(), historyLimit)
                ? Refusals.historyFull(execution, historyLimit)
                : null;
    }

    private static @Nullable Decision tooMany(Execution execution, int maxSignals) {
        if (execution.signals() >= maxSignals) {
            return Decision.refused(
                    Reason.RESOURCE_EXHAUSTED,
                    "expected at most " + maxSignals + " signals for one workflow execution, but " + execution.id()
                            + " has had as many");
        }
        return null;
    }
}

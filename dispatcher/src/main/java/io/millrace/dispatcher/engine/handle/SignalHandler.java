package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.Answer;
import io.millrace.dispatcher.engine.Decision;
import io.millrace.dispatcher.engine.Draft;
import io.millrace.dispatcher.engine.Refusal.Reason;
import io.millrace.dispatcher.engine.command.Command.SignalWorkflow;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.HistoryEntry.SignalReceived;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.KeyBinding;

/** Appends signals: each is one, in the order of the log, whether the workflow asks for it yet or not. */
public final class SignalHandler {

    private SignalHandler() {}

    /** SignalWorkflow. */
    public static Decision signal(Draft draft, SignalWorkflow c) {
        String key = SignalKeys.of(c.executionId(), c.key());
        KeyBinding sent = SignalKeys.sent(draft, key);
        if (sent != null) {
            return draft.answer(new Answer.Signalled(SignalKeys.sequence(sent)));
        }
        Execution execution = Find.workflow(draft, c.executionId());
        if (execution == null) {
            return Refusals.noExecution(c.executionId());
        }
        Decision refusal = refusal(execution, c.signalValue(), c.maxSignals(), HistoryLimit.of(draft));
        if (refusal != null) {
            return refusal;
        }
        int sequence = draft.history(execution.id(), new SignalReceived(c.signalName(), c.signalValue()));
        SignalKeys.remember(draft, execution.id(), key, sequence, c.keyTtlMs());
        return draft.answer(new Answer.Signalled(sequence));
    }

    /** @return why the execution takes no such signal, or null */
    static Decision refusal(Execution execution, Payload value, int maxSignals, long historyLimit) {
        if (execution.status().terminal()) {
            return Refusals.closed(execution);
        }
        if (execution.signals() >= maxSignals) {
            return Decision.refused(
                    Reason.RESOURCE_EXHAUSTED,
                    "expected at most " + maxSignals + " signals for one workflow execution, but " + execution.id()
                            + " has had as many");
        }
        return HistoryLimit.exceeded(execution, value.size(), historyLimit)
                ? Refusals.historyFull(execution, historyLimit)
                : null;
    }
}

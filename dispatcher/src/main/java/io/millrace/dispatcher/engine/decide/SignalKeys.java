package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.Event.KeyBound;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.state.KeyBinding;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Keys of signals: one that is sent again with its key, also after its execution ended, is the signal that was sent before. */
public final class SignalKeys {

    private SignalKeys() {}

    /** @return where the signal of the key went, null where there was none */
    public static @Nullable KeyBinding sent(Draft draft, String bound) {
        if (draft.rules() < Rules.SIGNAL_KEYS || bound.isEmpty()) {
            return null;
        }
        KeyBinding binding = draft.state().key(KeyUse.SIGNAL, draft.orgId(), bound);
        return binding == null || binding.expiresMs() <= draft.now() ? null : binding;
    }

    /** @return place of the signal in the history of the execution that it went to, 0 of one that was not delivered */
    public static int sequence(KeyBinding sent) {
        return Integer.parseInt(sent.detail());
    }

    /** Remembers a signal that was sent, if it has a key. */
    public static void remember(Draft draft, UUID executionId, String bound, int sequence, long ttlMs) {
        if (draft.rules() >= Rules.SIGNAL_KEYS && !bound.isEmpty()) {
            draft.event(new KeyBound(
                    executionId,
                    KeyUse.SIGNAL,
                    draft.orgId(),
                    bound,
                    executionId,
                    Integer.toString(sequence),
                    draft.now() + ttlMs));
        }
    }
}

package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BindPromiseKey;
import io.millrace.dispatcher.engine.command.Command.FreePromiseKey;
import io.millrace.dispatcher.engine.command.Command.SettlePromiseByKey;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.event.Event.KeyBound;
import io.millrace.dispatcher.engine.event.Event.KeyFreed;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.state.KeyBinding;
import io.millrace.proto.Shards;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Outside keys of promises. They live in the partition of the key, which need not be the workflow's. */
public final class KeyHandler {

    private KeyHandler() {}

    /** BindPromiseKey: the first promise keeps the key until it is over, or the key lapses. */
    public static Decision bindPromise(Draft draft, BindPromiseKey c) {
        KeyBinding binding = live(draft, c.key());
        if (binding != null && binding.targetId().equals(c.promiseId())) {
            return draft.answer(new Answer.Accepted(false));
        }
        if (binding != null && !binding.freed()) {
            return Decision.refused(
                    Reason.ALREADY_EXISTS, "expected an unused promise key, but another promise holds " + c.key());
        }
        if (draft.rules() >= Rules.LATE_BINDS
                && binding != null
                && binding.earlier().contains(c.promiseId())) {
            // A former owner of its workflow's partition sent it, and it was long under way: the key was bound and
            // freed since.
            return draft.answer(new Answer.Accepted(false));
        }
        draft.event(new KeyBound(
                c.executionId(),
                KeyUse.PROMISE,
                draft.orgId(),
                c.key(),
                c.promiseId(),
                c.promiseName(),
                draft.now() + c.ttlMs()));
        return draft.answer(new Answer.Accepted(true));
    }

    /** FreePromiseKey. The promise stays bound as long as no other asks for the key, so that its settlers may ask again. */
    public static Decision freePromise(Draft draft, FreePromiseKey c) {
        KeyBinding binding = draft.state().key(KeyUse.PROMISE, draft.orgId(), c.key());
        if (binding == null || binding.freed() || !binding.targetId().equals(c.promiseId())) {
            return draft.answer(new Answer.Accepted(false));
        }
        draft.event(new KeyFreed(null, KeyUse.PROMISE, draft.orgId(), c.key(), c.promiseId()));
        return draft.answer(new Answer.Accepted(true));
    }

    /** SettlePromiseByKey: passes it on to the partition of the promise's workflow. */
    public static Decision settlePromise(Draft draft, SettlePromiseByKey c) {
        KeyBinding binding = live(draft, c.key());
        if (binding == null) {
            return Decision.refused(
                    Reason.NOT_FOUND, "expected the key of a promise of this organisation, but none has " + c.key());
        }
        Command settle = c.reject()
                ? new Command.RejectPromise(binding.executionId(), binding.targetId(), binding.detail(), c.error())
                : new Command.ResolvePromise(binding.executionId(), binding.targetId(), binding.detail(), c.value());
        draft.send(
                draft.orgId(),
                Shards.of(Objects.requireNonNull(binding.executionId(), "execution of a promise")),
                settle);
        return draft.answer(new Answer.Accepted(true));
    }

    private static @Nullable KeyBinding live(Draft draft, String key) {
        KeyBinding binding = draft.state().key(KeyUse.PROMISE, draft.orgId(), key);
        return binding == null || binding.expiresMs() <= draft.now() ? null : binding;
    }
}

package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.RejectPromise;
import io.millrace.dispatcher.engine.command.Command.ResolvePromise;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.HistoryLimit;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.Refusals;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseRejected;
import io.millrace.dispatcher.engine.event.HistoryEntry.PromiseResolved;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Promise;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Settles promises from outside: once; a second time changes nothing and does no harm. */
public final class PromiseHandler {

    private PromiseHandler() {}

    /** ResolvePromise. */
    public static Decision resolve(Draft draft, ResolvePromise c) {
        return settle(
                draft,
                c.executionId(),
                c.promiseId(),
                c.promiseName(),
                c.value().size(),
                promise -> new PromiseResolved(promise.id(), promise.name(), c.value()));
    }

    /** RejectPromise. */
    public static Decision reject(Draft draft, RejectPromise c) {
        return settle(
                draft,
                c.executionId(),
                c.promiseId(),
                c.promiseName(),
                HistoryLimit.bytes(c.error()),
                promise -> new PromiseRejected(promise.id(), promise.name(), c.error()));
    }

    private static Decision settle(
            Draft draft,
            @Nullable UUID executionId,
            @Nullable UUID promiseId,
            String name,
            long payloadBytes,
            Function<Promise, HistoryEntry> entry) {
        UUID home = executionId != null
                ? executionId
                : draft.state().promiseHome(Objects.requireNonNull(promiseId, "promise"));
        Execution execution = home == null ? null : Lookup.workflow(draft, home);
        Promise promise =
                execution == null ? null : promiseId != null ? execution.promise(promiseId) : execution.promise(name);
        if (execution == null && home != null) {
            Promise kept = keptPromise(draft, home, promiseId, name);
            if (kept != null) {
                return promiseId != null && continuedAsNew(draft, home)
                        ? tooLate(draft)
                        : settle(draft, draft.state().newestRun(home), null, kept.name(), payloadBytes, entry);
            }
        }
        if (execution == null || promise == null) {
            String asked = promiseId != null ? "id " + promiseId : "name " + name + " in " + executionId;
            return Decision.refused(
                    Reason.NOT_FOUND, "expected a promise of this organisation, but there is none with " + asked);
        }
        Execution newest = Lookup.newestRun(draft, execution);
        if (newest != execution
                && !promise.settled()
                && !(promiseId != null && continuedAsNew(draft, execution.id()))) {
            return settle(draft, newest.id(), null, promise.name(), payloadBytes, entry);
        }
        if (promise.settled()) {
            return draft.answer(new Answer.Accepted(false, false));
        }
        if (execution.status().terminal()) {
            return tooLate(draft);
        }
        long limit = HistoryLimit.of(draft);
        if (HistoryLimit.exceeded(execution, payloadBytes, limit)) {
            return Refusals.historyFull(execution, limit);
        }
        draft.history(execution.id(), entry.apply(promise));
        return draft.answer(new Answer.Accepted(true));
    }

    private static Decision tooLate(Draft draft) {
        return draft.answer(new Answer.Accepted(false, draft.rules() >= Rules.ENDS_TOLD));
    }

    /**
     * A workflow that continues as new leaves its promises behind. The new run may create one of the same name, which is another one:
     * whoever settles by the id of the old one does not mean it. A reset keeps them.
     *
     * @return whether the workflow has continued as new since the run, or with it
     */
    private static boolean continuedAsNew(Draft draft, UUID since) {
        Execution run = Lookup.newestRun(draft, since);
        while (run != null && !run.id().equals(since)) {
            UUID before = run.header().resetFrom();
            run = before == null ? null : draft.state().execution(before);
            if (run != null && run.status() == Status.CONTINUED_AS_NEW) {
                return true;
            }
        }
        return false;
    }

    /** @return the promise of the newest run, where the run that is named has left; null where there is none */
    private static @Nullable Promise keptPromise(Draft draft, UUID run, @Nullable UUID promiseId, String name) {
        Execution newest = Lookup.newestRun(draft, run);
        if (newest == null) {
            return null;
        }
        if (promiseId == null) {
            return newest.promise(name);
        }
        String kept =
                run.equals(draft.state().promiseHome(promiseId)) ? draft.state().promiseName(promiseId) : null;
        return kept == null ? null : newest.promise(kept);
    }
}

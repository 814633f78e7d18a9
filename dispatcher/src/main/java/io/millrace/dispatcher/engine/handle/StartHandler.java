package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.command.Command.ChildClosed;
import io.millrace.dispatcher.engine.command.Command.ChildOutcome;
import io.millrace.dispatcher.engine.command.Command.SignalWithStart;
import io.millrace.dispatcher.engine.command.Command.StartScheduledRun;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.decide.Draft;
import io.millrace.dispatcher.engine.decide.HistoryLimit;
import io.millrace.dispatcher.engine.decide.Lookup;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.decide.ScheduledRuns;
import io.millrace.dispatcher.engine.decide.SignalKeys;
import io.millrace.dispatcher.engine.event.Event.Cause;
import io.millrace.dispatcher.engine.event.Event.KeyBound;
import io.millrace.dispatcher.engine.event.Event.KeyUse;
import io.millrace.dispatcher.engine.event.Event.WorkflowReady;
import io.millrace.dispatcher.engine.event.HistoryEntry.SignalReceived;
import io.millrace.dispatcher.engine.event.HistoryEntry.WorkflowStarted;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.KeyBinding;
import io.millrace.proto.Shards;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Starts workflows: once for an idempotency key, once for an id. */
public final class StartHandler {

    private StartHandler() {}

    /** StartWorkflow, by a client or by a parent's partition. */
    public static Decision start(Draft draft, StartWorkflow c) {
        KeyBinding binding = binding(draft, c.idempotencyKey());
        if (binding != null) {
            return draft.answer(new Answer.Started(binding.targetId(), true, false, false, 0));
        }
        Execution existing = draft.state().execution(c.executionId());
        if (existing != null) {
            return repeated(draft, c, existing);
        }
        if (c.parentExecutionId() != null && Lookup.newestRun(draft, c.executionId()) != null) {
            // It was started before, and goes on in another run.
            return draft.answer(new Answer.Started(c.executionId(), false, false, false, 0));
        }
        if (mayHaveEndedLongAgo(draft, c)) {
            return childFailed(
                    draft,
                    c,
                    "expected to know whether the child was started before the server was away, but it was away for so long that"
                            + " the child may have ended and been forgotten");
        }
        create(draft, c, null);
        boolean keyUsed = !c.idempotencyKey().isEmpty();
        return draft.answer(new Answer.Started(c.executionId(), keyUsed, keyUsed, true, 0));
    }

    /** StartScheduledRun: the same start twice is one start, and one that nobody can tell from a second one is none. */
    public static Decision startScheduled(Draft draft, StartScheduledRun c) {
        StartWorkflow start = c.start();
        Execution existing = draft.state().execution(start.executionId());
        if (existing != null) {
            if (!existing.header().orgId().equals(draft.orgId())) {
                ScheduledRuns.gone(draft, c.origin());
            }
            return draft.answer(new Answer.Accepted(false));
        }
        if (Lookup.newestRun(draft, start.executionId()) != null) {
            return draft.answer(new Answer.Accepted(false)); // it was started before, and goes on in another run
        }
        if (draft.sentAgainAfter(start.retentionMs() / 2)) {
            ScheduledRuns.gone(draft, c.origin());
            return draft.answer(new Answer.Accepted(false));
        }
        create(draft, start, c.origin());
        return draft.answer(new Answer.Accepted(true));
    }

    /**
     * A child that is not there although its start may have come before. Either it never started, or it ended and left
     * the stores, which takes its retention at the least. Half of that leaves room for the clocks of two partitions. It
     * must not run twice, and its parent must not wait for ever.
     */
    private static boolean mayHaveEndedLongAgo(Draft draft, StartWorkflow c) {
        return draft.rules() >= Rules.LATE_STARTS_REFUSED
                && c.parentExecutionId() != null
                && draft.sentAgainAfter(c.retentionMs() / 2);
    }

    /**
     * SignalWithStart: at most one open execution for the key, whoever asks at the same time, and however old the
     * execution is. The key of an open execution is therefore kept beyond its expiry.
     */
    public static Decision signalWithStart(Draft draft, SignalWithStart c) {
        StartWorkflow start = c.start();
        String signalKey = KeyBinding.ofSignal(start.idempotencyKey(), c.signalKey());
        KeyBinding sent = SignalKeys.sent(draft, signalKey);
        if (sent != null) {
            return draft.answer(new Answer.Started(sent.targetId(), true, false, false, SignalKeys.sequence(sent)));
        }
        KeyBinding binding = draft.state().key(KeyUse.WORKFLOW, draft.orgId(), start.idempotencyKey());
        Execution open = binding == null ? null : Lookup.workflow(draft, binding.targetId());
        if (open != null && !open.status().terminal()) {
            Decision refusal = SignalHandler.refusal(open, c.signalValue(), c.maxSignals(), HistoryLimit.of(draft));
            if (refusal != null) {
                return refusal;
            }
            int sequence = draft.history(open.id(), new SignalReceived(c.signalName(), c.signalValue()));
            SignalKeys.remember(draft, open.id(), signalKey, sequence, start.idempotencyKeyTtlMs());
            return draft.answer(new Answer.Started(open.id(), true, false, false, sequence));
        }
        if (draft.state().execution(start.executionId()) != null) {
            return Decision.refused(
                    Reason.ALREADY_EXISTS,
                    "expected an unused id for a new execution, but " + start.executionId() + " exists");
        }
        create(draft, start, null);
        int sequence = draft.history(start.executionId(), new SignalReceived(c.signalName(), c.signalValue()));
        SignalKeys.remember(draft, start.executionId(), signalKey, sequence, start.idempotencyKeyTtlMs());
        return draft.answer(new Answer.Started(start.executionId(), true, true, true, sequence));
    }

    private static @Nullable KeyBinding binding(Draft draft, String key) {
        if (key.isEmpty()) {
            return null;
        }
        KeyBinding binding = draft.state().key(KeyUse.WORKFLOW, draft.orgId(), key);
        return binding == null || binding.expiresMs() <= draft.now() ? null : binding;
    }

    private static void create(Draft draft, StartWorkflow c, ScheduleDefinition.@Nullable Origin origin) {
        UUID id = c.executionId();
        draft.history(
                id,
                new WorkflowStarted(
                        c.kind(),
                        c.input(),
                        c.metadata(),
                        c.queue(),
                        c.prioritySeconds(),
                        c.workflowVersion(),
                        c.workflowDefinitionId(),
                        c.idempotencyKey(),
                        c.retentionMs(),
                        c.parentExecutionId(),
                        c.childExecutionName(),
                        null,
                        null,
                        origin,
                        draft.traceparent()));
        if (!c.idempotencyKey().isEmpty()) {
            draft.event(new KeyBound(
                    id,
                    KeyUse.WORKFLOW,
                    draft.orgId(),
                    c.idempotencyKey(),
                    id,
                    c.kind(),
                    draft.now() + c.idempotencyKeyTtlMs()));
        }
        draft.event(new WorkflowReady(id, Cause.STARTED, draft.now()));
    }

    /** The same start twice is one start; another's id is refused, and its parent told, since nobody else would tell it. */
    private static Decision repeated(Draft draft, StartWorkflow c, Execution existing) {
        boolean same = existing.header().orgId().equals(draft.orgId())
                && !existing.header().standaloneTask()
                && Objects.equals(existing.header().parentExecutionId(), c.parentExecutionId());
        if (same) {
            return draft.answer(new Answer.Started(existing.id(), false, false, false, 0));
        }
        String text = "expected an unused id for a new execution, but " + c.executionId() + " exists";
        if (c.parentExecutionId() == null) {
            return Decision.refused(Reason.ALREADY_EXISTS, text);
        }
        return childFailed(draft, c, text);
    }

    private static Decision childFailed(Draft draft, StartWorkflow c, String text) {
        UUID parentId = Objects.requireNonNull(c.parentExecutionId(), "parent");
        draft.send(
                draft.orgId(),
                Shards.of(parentId),
                new ChildClosed(
                        parentId, c.executionId(), c.childExecutionName(), ChildOutcome.FAILED, Payload.NULL, text));
        return draft.answer(new Answer.Accepted(false));
    }
}

package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.Event.Cause;
import io.millrace.dispatcher.engine.event.Event.HistoryAppended;
import io.millrace.dispatcher.engine.event.Event.WorkflowReady;
import io.millrace.dispatcher.engine.event.HistoryEntry;
import io.millrace.dispatcher.engine.event.HistoryEntry.*;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.State;
import io.millrace.proto.Shards;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A decision in the making: numbers history entries, and closes with the one rule by which workflows become ready again.
 * A handler makes one, adds to it and ends it with {@link #answer}; nothing is applied before.
 */
public final class Draft {

    private final State state;
    private final CommandMeta meta;
    private final String scope;
    private final int partition;
    private final List<Event> events = new ArrayList<>(4);
    private final List<Outgoing> outgoing = new ArrayList<>(0);
    private final Map<UUID, Touched> touched = new LinkedHashMap<>(2);

    private static final class Touched {
        private final @Nullable Execution before;
        private int sequence;
        private @Nullable Cause cause;
        private boolean suspends;
        private boolean closes;
        private @Nullable PromiseKeys keys;

        private Touched(@Nullable Execution before) {
            this.before = before;
            this.sequence = before == null ? 0 : before.lastSequence();
        }

        /** Few decisions have to do with promises. */
        private PromiseKeys keys() {
            if (keys == null) {
                keys = new PromiseKeys(before);
            }
            return keys;
        }
    }

    /**
     * Begins a decision.
     *
     * @param scope tells apart the parts of one command that are decided one after another; empty for a whole command
     * @param partition number of the partition whose state it is
     */
    public Draft(State state, CommandMeta meta, String scope, int partition) {
        this.state = state;
        this.meta = meta;
        this.scope = scope;
        this.partition = partition;
    }

    /** @return number of this partition */
    public int partition() {
        return partition;
    }

    /** @return what is known before the decision */
    public State state() {
        return state;
    }

    /** @return place of the command in the partition's log */
    public long offset() {
        return meta.offset();
    }

    /** @return organisation of the command */
    public UUID orgId() {
        return meta.orgId();
    }

    /** @return time of the decision, milliseconds since the epoch */
    public long now() {
        return state.timeMs();
    }

    /** @return version of the rules by which to decide */
    public int rules() {
        return state.rules();
    }

    /** @return size beyond which a history must not grow; 0: the default */
    public long maxHistoryBytes() {
        return meta.maxHistoryBytes();
    }

    /** @return whether another partition may have sent the command before, so long ago; false where nothing tells so */
    public boolean sentAgainAfter(long ms) {
        return meta.sentAgain() && now() - meta.timeMs() >= ms;
    }

    /** @return who asked for the command */
    public Asker asker() {
        return meta.asker();
    }

    /** @return whether the command is for one item of a bulk job, and means the very run that it names */
    public boolean ofBulkJob() {
        return meta.ofBulkJob();
    }

    /** @return the trace that the command belongs to, the empty text for none, and under rules that know of none */
    public String traceparent() {
        return rules() < Rules.TRACES ? "" : meta.traceparent();
    }

    /** Adds an event that is not part of a history. */
    public Draft event(Event event) {
        events.add(event);
        return this;
    }

    /**
     * Appends to the history of an execution, which may be new.
     *
     * @return the entry's place
     */
    public int history(UUID executionId, HistoryEntry entry) {
        Touched t = touched.computeIfAbsent(executionId, id -> new Touched(state.execution(id)));
        t.sequence++;
        Cause cause = entry.wakes();
        if (cause != null && t.cause == null) {
            t.cause = cause;
        }
        if (PromiseKeys.concernedBy(entry)) {
            t.keys().note(entry);
        }
        t.suspends |= entry instanceof WorkflowSuspended;
        t.closes |= entry instanceof WorkflowCompleted
                || entry instanceof WorkflowExecutionFailed
                || entry instanceof WorkflowCancelled;
        events.add(new HistoryAppended(executionId, orgId(t), t.sequence, entry));
        return t.sequence;
    }

    private void freeKeys(Touched t) {
        boolean closesPromises =
                t.closes && t.before != null && !t.before.promises().isEmpty();
        if (t.keys != null || closesPromises) {
            t.keys().freed(t.closes).forEach(free -> send(orgId(t), Shards.of(orgId(t), free.key()), free));
        }
    }

    private UUID orgId(Touched t) {
        return t.before == null ? meta.orgId() : t.before.header().orgId();
    }

    /** Sends a command to a shard that belongs to no trace. */
    public void send(UUID orgId, int shard, Command command) {
        send(orgId, shard, command, "");
    }

    /** Sends a command to a shard that belongs to the trace; the empty text for none. */
    public void send(UUID orgId, int shard, Command command, String traceparent) {
        UUID id = DerivedIds.derive(meta.commandId(), scope + "/" + outgoing.size());
        outgoing.add(new Outgoing(id, orgId, shard, command, traceparent));
    }

    /** Ends the draft. */
    public Decision answer(Answer answer) {
        wake();
        touched.values().forEach(this::freeKeys);
        return new Decision(null, answer, events, outgoing);
    }

    private static boolean unseen(Execution before) {
        return before.lastExternalSequence() > before.shownSequence();
    }

    /**
     * The lost wake-up rule: a workflow is ready again if it waits, or begins to wait, and something came in from
     * outside that its worker cannot have seen. Every cause passes here and nowhere else.
     */
    private void wake() {
        touched.forEach((executionId, t) -> {
            boolean waits = t.suspends || (t.before != null && t.before.status() == Status.WAITING);
            boolean unseenBefore = t.suspends && unseen(Objects.requireNonNull(t.before, "a workflow that suspends"));
            if (waits && !t.closes && (t.cause != null || unseenBefore)) {
                events.add(new WorkflowReady(executionId, t.cause != null ? t.cause : Cause.UNSEEN_EVENTS, now()));
            }
        });
    }
}

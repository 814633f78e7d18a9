package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.EventJson;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.proto.proof.EventFacts;
import io.millrace.proto.proof.EventsOnlyHashes;
import io.millrace.proto.proof.WholeOutcomeHashes;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Gives events their final form once they are applied. Each gets its number in the chain of its execution and is linked to the
 * event before. So none can be changed, left out or put in without making every later hash wrong. Events of the partition
 * itself have a chain of their own. One thread.
 */
public final class Sealer {

    /** Numbers of {@code millrace.v1.Subject}, which enter the hashes. */
    private static final int WORKFLOW = 1;

    private static final int STANDALONE_TASK = 2;
    private static final int PARTITION = 3;
    private static final int NO_STATUS = 0;

    private final PartitionState state;
    private final EventsOnlyHashes eventsOnly = new EventsOnlyHashes();
    private final WholeOutcomeHashes whole = new WholeOutcomeHashes();

    /** Seals events of this state. */
    public Sealer(PartitionState state) {
        this.state = state;
    }

    /**
     * Seals an event that was just applied.
     *
     * @param subject the execution it is about, which for an eviction has left the state already; null: the partition's
     * @param orgId organisation of an event without an execution
     * @param cause hash of what caused it; null under rules whose hashes cover events only
     */
    public SealedEvent seal(Event event, @Nullable Execution subject, UUID orgId, byte @Nullable [] cause) {
        UUID taskId = EventJson.taskId(event);
        int historySequence = event instanceof Event.HistoryAppended h ? h.sequence() : 0;
        byte[] data = EventJson.data(event, state.rules());
        String type = EventJson.type(event);
        if (subject == null) {
            PartitionRecord partition = state.partition();
            long chain = partition.chainSequence() + 1;
            EventFacts facts =
                    new EventFacts(PARTITION, null, orgId, taskId, chain, 0, type, state.timeMs(), NO_STATUS);
            byte[] sealed = hash(partition.chainHash(), cause, facts, data);
            partition.chain(chain, sealed);
            return new SealedEvent(null, orgId, taskId, 0, chain, type, data, state.timeMs(), null, false, sealed);
        }
        long chain = ++subject.chainSequence;
        boolean standaloneTask = subject.header().standaloneTask();
        Task task = taskId == null ? null : subject.tasks.get(taskId);
        Status status = task == null ? subject.status : task.status;
        EventFacts facts = new EventFacts(
                standaloneTask ? STANDALONE_TASK : WORKFLOW,
                subject.id(),
                subject.header().orgId(),
                taskId,
                chain,
                historySequence,
                type,
                state.timeMs(),
                status.number());
        byte[] sealed = hash(subject.chainHash, cause, facts, data);
        subject.chainHash = sealed;
        SealedEvent result = new SealedEvent(
                subject.id(),
                subject.header().orgId(),
                taskId,
                historySequence,
                chain,
                type,
                data,
                state.timeMs(),
                status,
                standaloneTask,
                sealed);
        enter(event, subject, result);
        return result;
    }

    private void enter(Event event, Execution subject, SealedEvent sealed) {
        if (sealed.historySequence() > 0) {
            subject.historyBytes = subject.historyBytes + sealed.historyBytes();
            state.appendHistory(subject, sealed);
        }
        if (!(event instanceof Event.ExecutionEvicted)) {
            state.touch(subject);
        }
    }

    /** Takes over an event that was sealed before, and was just applied; the next one of its chain is linked to it. */
    void take(Event event, @Nullable Execution subject, SealedEvent sealed) {
        if (subject == null) {
            state.partition().chain(sealed.chainSequence(), sealed.hash());
            return;
        }
        subject.chainSequence = sealed.chainSequence();
        subject.chainHash = sealed.hash();
        enter(event, subject, sealed);
    }

    private byte[] hash(byte[] previous, byte @Nullable [] cause, EventFacts facts, byte[] data) {
        return cause == null
                ? eventsOnly.event(previous, facts, whole.data(data))
                : whole.event(previous, cause, facts, whole.data(data));
    }
}

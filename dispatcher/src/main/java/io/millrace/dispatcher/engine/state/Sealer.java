package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.EventJson;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import java.util.UUID;

/**
 * Gives events their final form once they are applied. Each gets its number in the chain of its execution and is linked to the
 * event before. So none can be changed, left out or put in without making every later hash wrong. Events of the partition
 * itself have a chain of their own. One thread.
 */
public final class Sealer {

    /** What a history event costs on the wire besides its data, at the most. */
    private static final int PER_EVENT_BYTES = 64;

    private final PartitionState state;
    private final ChainHash hash = new ChainHash();

    /** Seals events of this state. */
    public Sealer(PartitionState state) {
        this.state = state;
    }

    /** @return what a history event adds to the size of its history, in bytes */
    public static long historyBytes(SealedEvent event) {
        return event.data().length + PER_EVENT_BYTES;
    }

    /**
     * Seals an event that was just applied.
     *
     * @param subject the execution it is about, which for an eviction has left the state already; null: the partition's
     * @param orgId organisation of an event without an execution
     */
    public SealedEvent seal(Event event, Execution subject, UUID orgId) {
        UUID taskId = EventJson.taskId(event);
        int historySequence = event instanceof Event.HistoryAppended h ? h.sequence() : 0;
        byte[] data = EventJson.data(event);
        String type = EventJson.type(event);
        if (subject == null) {
            long chain = ++state.partitionChainSequence;
            byte[] sealed = hash.of(state.partitionChainHash, null, chain, 0, type, state.timeMs(), data);
            state.partitionChainHash = sealed;
            return new SealedEvent(null, orgId, taskId, 0, chain, type, data, state.timeMs(), null, false, sealed);
        }
        long chain = ++subject.chainSequence;
        byte[] sealed = hash.of(subject.chainHash, subject.id(), chain, historySequence, type, state.timeMs(), data);
        subject.chainHash = sealed;
        Task task = taskId == null ? null : subject.tasks.get(taskId);
        Status status = task == null ? subject.status : task.status;
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
                subject.header().standaloneTask(),
                sealed);
        if (historySequence > 0) {
            subject.historyBytes = subject.historyBytes + historyBytes(result);
            state.appendHistory(subject, result);
        }
        if (!(event instanceof Event.ExecutionEvicted)) {
            state.touch(subject);
        }
        return result;
    }
}

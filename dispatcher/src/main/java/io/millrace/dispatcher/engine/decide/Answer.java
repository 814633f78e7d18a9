package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.BulkJob;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the caller of a command hears when it was not refused. */
public sealed interface Answer {

    /**
     * Done; changed is false where the request was right but late or repeated, ended is true where it was late because the
     * workflow had ended without it.
     */
    record Accepted(boolean changed, boolean ended) implements Answer {

        public Accepted(boolean changed) {
            this(changed, false);
        }
    }

    /** signalSequence is 0 unless the command signalled too. */
    record Started(UUID executionId, boolean keyUsed, boolean keyNew, boolean created, int signalSequence)
            implements Answer {}

    /** The signal's place in the history; 0: it came when its workflow had completed, and is not delivered. */
    record Signalled(int sequence) implements Answer {}

    /** A standalone task, new or found by its key. */
    record TaskCreated(UUID taskId, boolean keyUsed, boolean keyNew) implements Answer {}

    /**
     * A workflow goes on in a new run.
     *
     * @param executionId of the new run; null: it was only asked what would happen
     * @param again what happens again
     */
    record Reset(@Nullable UUID executionId, List<Again> again) implements Answer {}

    /**
     * What happens again.
     *
     * @param what task, child or operation
     * @param name its kind or name
     * @param times how many of that name
     */
    record Again(String what, String name, int times) {}

    /**
     * What came of a run of a schedule that was asked for.
     *
     * @param runId of the run; null: none has started
     * @param buffered it waits for the run before it
     */
    record ScheduleTriggered(@Nullable UUID runId, boolean buffered) implements Answer {}

    /**
     * How work is handed out from now on, or was already.
     *
     * @param version of the policy; 0: nothing is said of its subject
     */
    record PolicyDecided(boolean changed, long version) implements Answer {}

    /** How a bulk job stands now. */
    record BulkJobStands(boolean changed, BulkJob job) implements Answer {}

    /** One for each claim of the command, in its order. */
    record Claimed(List<Grant> grants) implements Answer {}

    /** The answer to the command itself, and to the claims that rode on it. */
    record WithClaims(Answer answer, Claimed claimed) implements Answer {}

    /**
     * What a claim got.
     *
     * @param executionId null: there was nothing that fits
     * @param taskId null: a workflow
     * @param draining its worker gets nothing, whatever there is
     */
    record Grant(
            UUID claimId,
            @Nullable UUID executionId,
            @Nullable UUID taskId,
            boolean draining) {

        /** Of a worker that is not drained. */
        public Grant(UUID claimId, @Nullable UUID executionId, @Nullable UUID taskId) {
            this(claimId, executionId, taskId, false);
        }
    }
}

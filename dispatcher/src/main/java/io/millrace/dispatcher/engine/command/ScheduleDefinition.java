package io.millrace.dispatcher.engine.command;

import io.millrace.proto.ScheduleTiming;
import java.util.Map;
import java.util.UUID;

/**
 * What a schedule was made with, or was changed to. The engine does not look into its timing: it is told when the schedule is due.
 *
 * @param name unique in the organisation
 * @param id of this schedule; one that is made later under the same name has another
 * @param missedAfterMs a run that can start only so much later than it is due was missed
 * @param cancelAfterMs how long a run has to end that is cancelled for the next one; 0: nothing
 */
public record ScheduleDefinition(
        String name,
        UUID id,
        ScheduleTiming timing,
        Start start,
        Overlap overlap,
        Missed missed,
        long missedAfterMs,
        long cancelAfterMs) {

    /** @return the same schedule, due otherwise, with other policies */
    public ScheduleDefinition with(
            ScheduleTiming otherTiming,
            Overlap otherOverlap,
            Missed otherMissed,
            long otherMissedAfterMs,
            long otherCancelAfterMs) {
        return new ScheduleDefinition(
                name, id, otherTiming, start, otherOverlap, otherMissed, otherMissedAfterMs, otherCancelAfterMs);
    }

    /** What is started. */
    public record Start(
            String kind,
            Payload input,
            Map<String, String> metadata,
            String queue,
            int prioritySeconds,
            String workflowVersion,
            String workflowDefinitionId,
            long retentionMs) {}

    /**
     * What happens with a run that is due while the one before it has not ended. The order of the constants is part of the stored
     * form.
     */
    public enum Overlap {
        SKIP,
        /** One waits for the end, and further ones are skipped. */
        BUFFER_ONE,
        ALLOW,
        /** The one before it is cancelled, and it starts when that has ended. */
        CANCEL_PREVIOUS
    }

    /** What happens with runs whose time was missed. The order of the constants is part of the stored form. */
    public enum Missed {
        SKIP,
        LATEST,
        ALL
    }

    /**
     * A time at which it is due.
     *
     * @param dueMs as the timing has it, milliseconds since the epoch
     * @param atMs with jitter
     */
    public record Time(long dueMs, long atMs) {}

    /**
     * By what a run was started.
     *
     * @param runId the execution that the schedule has started: that one, or one from which it goes on
     * @param awaited the schedule wants to hear of the end
     */
    public record Origin(String schedule, UUID scheduleId, UUID runId, long dueMs, boolean awaited) {}
}

package io.millrace.ingest.queries;

import com.google.protobuf.ByteString;
import io.millrace.proto.ScheduleTiming;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as the read model has it. Times are milliseconds since the epoch, durations milliseconds.
 *
 * @param id of the schedule; one that is made later under the same name has another
 * @param cron empty for other forms
 * @param everyMs interval; 0 for other forms
 * @param atMs the only time; 0 for other forms
 * @param startMs 0: no such bound
 * @param endMs 0: no such bound
 * @param input JSON, empty for none
 * @param ended it is never due again, once what is planned is over
 * @param backfilling it makes up for a range
 * @param nextMs when a run starts next; 0: that is not known, or never
 * @param lastRunId null: none has started yet
 * @param lastStartedMs 0: none has started yet
 * @param runs how many have started
 * @param skipped how many were due and have not started
 * @param version rises with each change by people
 */
public record ScheduleRow(
        UUID id,
        String name,
        String cron,
        String timeZone,
        long everyMs,
        long atMs,
        long startMs,
        long endMs,
        long jitterMs,
        String overlap,
        String missed,
        long missedAfterMs,
        long cancelAfterMs,
        String kind,
        String queue,
        String workflowVersion,
        Map<String, String> metadata,
        int prioritySeconds,
        ByteString input,
        String createdBy,
        long createdAtMs,
        boolean paused,
        @Nullable String pausedBy,
        @Nullable String pauseReason,
        boolean ended,
        boolean backfilling,
        long nextMs,
        @Nullable UUID lastRunId,
        long lastStartedMs,
        long runs,
        long skipped,
        long version) {

    /** @return when it is due */
    public ScheduleTiming timing() {
        ScheduleTiming.Form form = !cron.isEmpty()
                ? ScheduleTiming.Form.CRON
                : everyMs > 0 ? ScheduleTiming.Form.INTERVAL : ScheduleTiming.Form.ONCE;
        return new ScheduleTiming(form, cron, everyMs, atMs, timeZone, anchorMs(), startMs, endMs, jitterMs);
    }

    /** Of an interval for which nobody said a start, that is a millisecond after what it is counted from. */
    private long anchorMs() {
        return everyMs > 0 ? startMs : 0;
    }

    /** How a schedule stands. */
    public enum Status {
        ACTIVE,
        PAUSED,
        /** It is never due again. */
        ENDED
    }

    /** @return how it stands */
    public Status status() {
        if (paused) {
            return Status.PAUSED;
        }
        return ended && nextMs == 0 ? Status.ENDED : Status.ACTIVE;
    }
}

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
 * @param timing when it is due
 * @param version rises with each change by people
 */
public record ScheduleRow(
        UUID id,
        String name,
        ScheduleTiming timing,
        Policies policies,
        Work work,
        String createdBy,
        long createdAtMs,
        Pause pause,
        Plan plan,
        Runs runs,
        long version) {

    /**
     * What it does where a run is still open, or could not start in time.
     *
     * @param missedAfterMs a run that can start only so much later was missed
     * @param cancelAfterMs how long a run has to end that is cancelled for the next one
     */
    public record Policies(String overlap, String missed, long missedAfterMs, long cancelAfterMs) {}

    /**
     * What it starts.
     *
     * @param input JSON, empty for none
     */
    public record Work(
            String kind,
            String queue,
            String workflowVersion,
            Map<String, String> metadata,
            int prioritySeconds,
            ByteString input) {}

    /**
     * Whether it is paused.
     *
     * @param by null: it is not
     * @param reason null: nobody said one
     */
    public record Pause(
            boolean paused, @Nullable String by, @Nullable String reason) {}

    /**
     * What comes of it from now on.
     *
     * @param ended it is never due again, once what is planned is over
     * @param backfilling it makes up for a range
     * @param nextMs when a run starts next; 0: that is not known, or never
     */
    public record Plan(boolean ended, boolean backfilling, long nextMs) {}

    /**
     * What came of it so far.
     *
     * @param lastId null: none has started yet
     * @param lastStartedMs 0: none has started yet
     * @param started how many have started
     * @param skipped how many were due and have not started
     */
    public record Runs(@Nullable UUID lastId, long lastStartedMs, long started, long skipped) {}

    /** @return kind of the workflows that it starts */
    public String kind() {
        return work.kind;
    }

    /** @return queue of the workflows that it starts */
    public String queue() {
        return work.queue;
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
        if (pause.paused) {
            return Status.PAUSED;
        }
        return plan.ended && plan.nextMs == 0 ? Status.ENDED : Status.ACTIVE;
    }
}

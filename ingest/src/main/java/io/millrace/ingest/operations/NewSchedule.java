package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.v1.ScheduleMissed;
import io.millrace.proto.v1.ScheduleOverlap;
import java.util.Map;

/**
 * A schedule that is asked for. Times are milliseconds since the epoch, durations milliseconds.
 *
 * @param timing when it is due; its anchor does not count, since intervals are counted from the start, or from now
 * @param kind of the workflow that it starts
 * @param queue empty: the usual one
 * @param missedAfterMs a run that can start only so much later than it is due was missed
 * @param cancelAfterMs how long a run has to end that is cancelled for the next one
 * @param paused whether it begins paused
 */
public record NewSchedule(
        String name,
        ScheduleTiming timing,
        String kind,
        ByteString input,
        String queue,
        Map<String, String> metadata,
        int prioritySeconds,
        String workflowVersion,
        ScheduleOverlap overlap,
        ScheduleMissed missed,
        long missedAfterMs,
        long cancelAfterMs,
        boolean paused) {}

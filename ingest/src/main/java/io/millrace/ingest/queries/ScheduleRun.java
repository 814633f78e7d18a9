package io.millrace.ingest.queries;

import io.millrace.proto.v1.ExecutionStatus;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What became of a due time of a schedule.
 *
 * @param dueAtMs the due time, milliseconds since the epoch
 * @param decidedAtMs when that was decided, milliseconds since the epoch
 * @param cause DUE, MISSED, TRIGGERED or BACKFILL
 * @param decision STARTED, BUFFERED or SKIPPED
 * @param skipReason OVERLAP, MISSED, REPLACED or UPDATED; null where it is not skipped
 * @param runId the workflow execution, null where there is none
 * @param status of the execution; empty: it has not started, or is not known yet
 * @param closedAtMs when the execution ended, milliseconds since the epoch; 0: it has not
 */
public record ScheduleRun(
        long dueAtMs,
        long decidedAtMs,
        String cause,
        String decision,
        @Nullable String skipReason,
        @Nullable UUID runId,
        Optional<ExecutionStatus> status,
        long closedAtMs) {}

package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.operations.TaskOperations;
import io.millrace.ingest.queries.TaskRow;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a task goes through. Positions count: attempt n is awaited at 2n-1 and runs at 2n, and after n attempts the end is at
 * 2n+2. So what lies between two looks at the task is known, though without its times.
 *
 * @param executionId the workflow that the task belongs to, its own id for a standalone one
 */
record TaskLifecycle(TaskOperations tasks, Caller caller, UUID executionId, UUID taskId) implements Lifecycle {

    /** Types of all events that a task may go through. */
    static final List<String> TYPES = Stream.of(
                    ExecutionStatus.PENDING,
                    ExecutionStatus.RUNNING,
                    ExecutionStatus.COMPLETED,
                    ExecutionStatus.FAILED,
                    ExecutionStatus.CANCELLED)
            .map(TaskLifecycle::type)
            .toList();

    private static String type(ExecutionStatus status) {
        return "TASK_" + status.name();
    }

    /** @return position of the end after so many attempts */
    static int end(int attempts) {
        return 2 * attempts + 2;
    }

    @Override
    public WatchRequest watch(int seen) {
        return WatchRequest.newBuilder()
                .setOrgId(Ids.toByteString(caller.orgId()))
                .setExecutionId(Ids.toByteString(executionId))
                .setTaskId(Ids.toByteString(taskId))
                .setAfter(seen)
                .build();
    }

    @Override
    public List<Happening> in(WatchStep step, int seen) {
        return step.hasTask() ? states(step.getTask(), step.getTaskPosition(), seen) : List.of();
    }

    @Override
    public Optional<List<Happening>> past(int seen) {
        TaskOperations.Found found = tasks.find(caller, taskId.toString()).join();
        if (!found.ended()) {
            return Optional.empty();
        }
        TaskView view = found.live().orElseGet(() -> {
            TaskRow row = found.closed().orElseThrow().row();
            return TaskView.newBuilder()
                    .setStatus(row.status())
                    .setExecutionCount(row.executionCount())
                    .setError(row.error() == null ? "" : row.error())
                    .setOutput(found.closed().get().output())
                    .setCreatedAtMs(row.createdAtMs())
                    .setStartedAtMs(row.startedAtMs())
                    .setCompletedAtMs(row.completedAtMs())
                    .build();
        });
        return Optional.of(states(view, end(view.getExecutionCount()), seen));
    }

    private List<Happening> states(TaskView task, int position, int seen) {
        boolean ended = position == end(task.getExecutionCount());
        int lastAttempt = ended ? 2 * task.getExecutionCount() : position;
        List<Happening> states = new ArrayList<>();
        for (int at = seen + 1; at <= lastAttempt; at++) {
            int attempt = (at + 1) / 2;
            if (at % 2 == 0) {
                long startedMs = attempt == task.getExecutionCount() ? task.getStartedAtMs() : 0;
                states.add(state(at, ExecutionStatus.RUNNING, attempt, startedMs, "", ByteString.EMPTY));
            } else {
                // The one error that is known is that of the last failed attempt, after which the latest is awaited.
                String error = !ended && at >= position - 1 ? task.getError() : "";
                long sinceMs = attempt == 1 ? task.getCreatedAtMs() : 0;
                states.add(state(at, ExecutionStatus.PENDING, attempt, sinceMs, error, ByteString.EMPTY));
            }
        }
        if (ended && position > seen) {
            states.add(state(
                    position,
                    task.getStatus(),
                    task.getExecutionCount(),
                    task.getCompletedAtMs(),
                    task.getError(),
                    task.getOutput()));
        }
        return states;
    }

    /** What is not known is left out. */
    private Happening state(
            int position, ExecutionStatus status, int attempt, long timeMs, String error, ByteString output) {
        String type = type(status);
        return new Happening(
                position,
                type,
                Json.object(json -> json.text("type", "Event").object("event", event -> {
                    event.text("eventType", type)
                            .text("taskExecutionId", taskId.toString())
                            .number("attempt", attempt);
                    if (timeMs != 0) {
                        event.time("timestamp", timeMs);
                    }
                    if (!error.isEmpty()) {
                        event.text("error", error);
                    }
                    if (!output.isEmpty()) {
                        event.raw("output", output);
                    }
                })));
    }
}

package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.State;
import io.millrace.dispatcher.engine.state.Task;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Counts what happens to work, and how long it waited and took, by the time of the partition. What it looks at was changed
 * by the same command, so it is in memory. Stream thread only.
 */
final class WorkWatch {

    private final State state;
    private final PartitionMetrics metrics;

    WorkWatch(State state, PartitionMetrics metrics) {
        this.state = state;
        this.metrics = metrics;
    }

    void watch(Outcome outcome) {
        for (SealedEvent event : outcome.events()) {
            if (!metrics.happened(event.type())) {
                continue;
            }
            switch (event.type()) {
                case "WORK_CLAIMED" -> workflowClaimed(event);
                case "TASK_CLAIMED" -> {
                    Task task = task(event);
                    if (task != null) {
                        metrics.taskWaits().add(event.timeMs() - task.readySinceMs());
                    }
                }
                case "TASK_COMPLETED", "TASK_FAILED" -> {
                    Task task = task(event);
                    if (task != null && task.startedMs() > 0) {
                        metrics.taskRuns().add(event.timeMs() - task.startedMs());
                    }
                }
                default -> {} // its number is enough
            }
        }
    }

    /** Only its first claim is known to be the first while its history has nothing but its start. */
    private void workflowClaimed(SealedEvent event) {
        Execution execution = state.execution(execution(event));
        if (execution != null && execution.lastSequence() == 1 && execution.deliveries() == 1) {
            metrics.startWaits().add(event.timeMs() - execution.header().createdMs());
        }
    }

    private @Nullable Task task(SealedEvent event) {
        UUID taskId = event.taskId();
        return taskId == null ? null : state.task(execution(event), taskId);
    }

    private static UUID execution(SealedEvent event) {
        return Objects.requireNonNull(event.executionId(), "execution of work");
    }
}

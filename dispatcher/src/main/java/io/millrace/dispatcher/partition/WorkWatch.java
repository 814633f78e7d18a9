package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.State;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.v1.CommandRecord.BodyCase;
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

    /** @param command type of the command that it came of */
    void watch(Outcome outcome, BodyCase command) {
        for (SealedEvent event : outcome.events()) {
            if (!metrics.happened(event.type())) {
                continue;
            }
            switch (event.type()) {
                case "WORK_CLAIMED" -> workflowClaimed(event);
                case "LEASE_EXPIRED" -> workflowLost(event);
                case "TASK_CLAIMED" -> {
                    Task task = task(event);
                    if (task != null) {
                        long waitedMs = event.timeMs() - task.readySinceMs();
                        metrics.taskWaits().add(waitedMs);
                        if (metrics.kinds().wanted()) {
                            kind(event, task).claimed(waitedMs);
                        }
                    }
                }
                case "TASK_COMPLETED", "TASK_FAILED" -> {
                    Task task = task(event);
                    if (task != null && task.startedMs() > 0) {
                        metrics.taskRuns().add(event.timeMs() - task.startedMs());
                        attemptEnded(event, task, command);
                    }
                }
                case "TASK_ATTEMPT_FAILED" -> {
                    Task task = task(event);
                    if (task != null) {
                        attemptEnded(event, task, command);
                    }
                }
                default -> {} // its number is enough
            }
        }
    }

    private void attemptEnded(SealedEvent event, Task task, BodyCase command) {
        if (metrics.kinds().wanted()) {
            KindFigures.Figures figures = kind(event, task);
            figures.ran(event.timeMs() - task.startedMs());
            if (command == BodyCase.FIRE_DUE || command == BodyCase.WORKER_GONE) {
                figures.lost();
            }
        }
    }

    private void workflowLost(SealedEvent event) {
        Execution execution = metrics.kinds().wanted() ? state.execution(execution(event)) : null;
        if (execution != null) {
            kind(event, execution).lost();
        }
    }

    private KindFigures.Figures kind(SealedEvent event, Task task) {
        return metrics.kinds().of(event.orgId(), WorkType.TASK, task.kind());
    }

    private KindFigures.Figures kind(SealedEvent event, Execution execution) {
        return metrics.kinds()
                .of(event.orgId(), WorkType.WORKFLOW, execution.header().kind());
    }

    /** Only its first claim is known to be the first while its history has nothing but its start. */
    private void workflowClaimed(SealedEvent event) {
        Execution execution = state.execution(execution(event));
        if (execution == null) {
            return;
        }
        boolean first = execution.lastSequence() == 1 && execution.deliveries() == 1;
        long startedMs = event.timeMs() - execution.header().createdMs();
        if (first) {
            metrics.startWaits().add(startedMs);
        }
        if (metrics.kinds().wanted()) {
            KindFigures.Figures figures = kind(event, execution);
            figures.claimed(event.timeMs() - execution.claimedFromMs());
            if (first) {
                figures.started(startedMs);
            }
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

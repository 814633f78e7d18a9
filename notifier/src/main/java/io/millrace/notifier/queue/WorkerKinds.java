package io.millrace.notifier.queue;

import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a worker takes, as its registration says; polls carry no kinds. A worker that is not known, or registered no kinds
 * at all, takes whatever there is. One that registered only kinds of the other type of work takes nothing of this one:
 * it would fail it, or hold it and never answer.
 *
 * @param workflows workflow kinds it takes
 * @param tasks task kinds it takes
 * @param unified whether it registered kinds of both types
 * @param taskTimeoutSeconds how long it lets tasks run, by kind, where it said so
 */
public record WorkerKinds(
        KindFilter workflows, KindFilter tasks, boolean unified, Map<String, Integer> taskTimeoutSeconds) {

    private static final WorkerKinds UNKNOWN = new WorkerKinds(KindFilter.ANY, KindFilter.ANY, false, Map.of());

    /** What a worker has to report a task in that took all of its time. */
    private static final Duration REPORT = Duration.ofSeconds(30);

    /** @return what the registration says */
    public static WorkerKinds of(Optional<WorkerRegistration> registration) {
        if (registration.isEmpty()) {
            return UNKNOWN;
        }
        WorkerRegistration worker = registration.get();
        boolean workflows = worker.getWorkflowKindsCount() > 0;
        boolean tasks = worker.getTaskKindsCount() > 0;
        if (!workflows && !tasks) {
            return UNKNOWN;
        }
        return new WorkerKinds(
                KindFilter.of(worker.getWorkflowKindsList()),
                KindFilter.of(worker.getTaskKindsList()),
                workflows && tasks,
                worker.getTaskTimeoutSecondsMap());
    }

    /** @return leases of the kinds of task that it lets run for longer than the usual lease allows, milliseconds */
    public Map<String, Long> longerLeasesMs(Duration usual) {
        if (taskTimeoutSeconds.isEmpty()) {
            return Map.of();
        }
        Map<String, Long> longer = new HashMap<>();
        taskTimeoutSeconds.forEach((kind, seconds) -> {
            Duration lease = Duration.ofSeconds(seconds).plus(REPORT);
            if (lease.compareTo(usual) > 0) {
                longer.put(kind, lease.toMillis());
            }
        });
        return longer;
    }

    /** @return kinds of this type of work */
    public KindFilter of(WorkType type) {
        return type == WorkType.WORKFLOW ? workflows : tasks;
    }
}

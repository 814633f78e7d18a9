package io.millrace.notifier.queue;

import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.Optional;

/**
 * What a worker takes, as its registration says; polls carry no kinds. A worker that is not known, or registered no kinds
 * at all, takes whatever there is. One that registered only kinds of the other type of work takes nothing of this one:
 * it would fail it, or hold it and never answer.
 *
 * @param workflows workflow kinds it takes
 * @param tasks task kinds it takes
 * @param unified whether it registered kinds of both types
 */
public record WorkerKinds(KindFilter workflows, KindFilter tasks, boolean unified) {

    private static final WorkerKinds UNKNOWN = new WorkerKinds(KindFilter.ANY, KindFilter.ANY, false);

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
                KindFilter.of(worker.getWorkflowKindsList()), KindFilter.of(worker.getTaskKindsList()), workflows && tasks);
    }

    /** @return kinds of this type of work */
    public KindFilter of(WorkType type) {
        return type == WorkType.WORKFLOW ? workflows : tasks;
    }
}

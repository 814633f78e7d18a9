package io.millrace.notifier.queue;

import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.Collection;
import java.util.List;

/**
 * What a worker takes, as its registration says; polls carry no kinds. A worker that is not known, or registered no kinds
 * at all, takes whatever there is. One that registered only kinds of the other type of work takes nothing of this one:
 * it would fail it, or hold it and never answer.
 *
 * @param workflows workflow kinds it takes
 * @param tasks task kinds it takes
 */
public record WorkerKinds(KindFilter workflows, KindFilter tasks) {

    private static final WorkerKinds UNKNOWN = new WorkerKinds(KindFilter.ANY, KindFilter.ANY);

    /** @return what the registrations of the worker say together */
    public static WorkerKinds of(Collection<WorkerRegistration> registrations) {
        List<String> workflows = registrations.stream()
                .flatMap(registration -> registration.getWorkflowKindsList().stream())
                .toList();
        List<String> tasks = registrations.stream()
                .flatMap(registration -> registration.getTaskKindsList().stream())
                .toList();
        return workflows.isEmpty() && tasks.isEmpty()
                ? UNKNOWN
                : new WorkerKinds(KindFilter.of(workflows), KindFilter.of(tasks));
    }

    /** @return kinds of this type of work */
    public KindFilter of(WorkType type) {
        return type == WorkType.WORKFLOW ? workflows : tasks;
    }
}

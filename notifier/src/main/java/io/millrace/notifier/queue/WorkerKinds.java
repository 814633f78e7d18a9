package io.millrace.notifier.queue;

import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a worker takes, as its registration says; polls carry no kinds. A worker that is not known, or registered no
 * kinds at all, takes whatever there is. One that registered only kinds of the other type of work takes nothing of this
 * one. It would fail such work, or hold it and never answer.
 *
 * @param workflows workflow kinds it takes
 * @param tasks task kinds it takes
 * @param taskTimeoutSeconds how long it lets tasks run, by kind, where it said so
 */
public record WorkerKinds(KindFilter workflows, KindFilter tasks, Map<String, Integer> taskTimeoutSeconds) {

    private static final WorkerKinds UNKNOWN = new WorkerKinds(KindFilter.ANY, KindFilter.ANY, Map.of());

    /** What a worker has to report a task in that took all of its time. */
    private static final Duration REPORT = Duration.ofSeconds(30);

    /** @return what the registrations of the worker say together: of several times for one kind, the longest */
    public static WorkerKinds of(Collection<WorkerRegistration> registrations) {
        List<String> workflows = registrations.stream()
                .flatMap(registration -> registration.getWorkflowKindsList().stream())
                .toList();
        List<String> tasks = registrations.stream()
                .flatMap(registration -> registration.getTaskKindsList().stream())
                .toList();
        if (workflows.isEmpty() && tasks.isEmpty()) {
            return UNKNOWN;
        }
        Map<String, Integer> timeouts = new HashMap<>();
        registrations.forEach(registration ->
                registration.getTaskTimeoutSecondsMap().forEach((kind, time) -> timeouts.merge(kind, time, Math::max)));
        return new WorkerKinds(KindFilter.of(workflows), KindFilter.of(tasks), timeouts);
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

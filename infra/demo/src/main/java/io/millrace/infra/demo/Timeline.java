package io.millrace.infra.demo;

import io.millrace.infra.worker.WorkerObserver;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Everything that the demo's worker did, in order. Safe from any thread. */
final class Timeline implements WorkerObserver {

    enum What {
        NOTIFIED,
        HELD,
        SUSPENDED,
        ENDED,
        TASK_COMPLETES,
        TASK_FAILS
    }

    /** @param id id of the workflow or task; empty for notifications, which name only the queue */
    record Entry(What what, String id, long atNanos) {}

    private final List<Entry> entries = new CopyOnWriteArrayList<>();

    @Override
    public void notified(long atNanos) {
        entries.add(new Entry(What.NOTIFIED, "", atNanos));
    }

    @Override
    public void workflowHeld(String executionId, String kind, long atNanos) {
        entries.add(new Entry(What.HELD, executionId, atNanos));
    }

    @Override
    public void workflowSubmitted(String executionId, boolean ended, long atNanos) {
        entries.add(new Entry(ended ? What.ENDED : What.SUSPENDED, executionId, atNanos));
    }

    @Override
    public void taskEnds(String taskId, boolean completed, long atNanos) {
        entries.add(new Entry(completed ? What.TASK_COMPLETES : What.TASK_FAILS, taskId, atNanos));
    }

    List<Entry> entries(What what) {
        return entries.stream().filter(entry -> entry.what() == what).toList();
    }

    /** @return when it happened first after the given time */
    OptionalLong after(long nanos, What what, Predicate<String> id) {
        return entries.stream()
                .filter(entry -> entry.what() == what && entry.atNanos() >= nanos && id.test(entry.id()))
                .mapToLong(Entry::atNanos)
                .findFirst();
    }

    void clear() {
        entries.clear();
    }
}

package io.millrace.ingest.operations;

import io.millrace.ingest.queries.ToldEvent;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What happened to an execution, told to people: each thing once, and failed attempts too. The history that workers
 * replay can be neither. It names an end twice, since clients of different languages look for different names. And it
 * may hold no type of event that an SDK does not know. One thread.
 */
final class Retelling {

    /** Ends of the workflow. The first is what happened, any other says it again. */
    private static final Set<String> WORKFLOW_ENDS = Set.of(
            "WORKFLOW_COMPLETED",
            "WORKFLOW_EXECUTION_FAILED",
            "WORKFLOW_FAILED",
            "WORKFLOW_CANCELLED",
            "WORKFLOW_CONTINUED_AS_NEW");

    /** The same for a task: one that is cancelled has failed as well, for workers. */
    private static final Set<String> TASK_ENDS = Set.of("TASK_COMPLETED", "TASK_FAILED", "TASK_CANCELLED");

    /** The task may end again. */
    private static final String AGAIN = "TASK_RETRIED";

    /** What went wrong on the way, or came too late, and stands in no history. */
    private static final Set<String> SETBACKS = Set.of(
            "SIGNAL_NOT_DELIVERED",
            AGAIN,
            "WORKFLOW_RESET",
            "WORKFLOW_CONTINUED_AS_NEW",
            "WORKFLOW_ANNOTATED",
            "WORKFLOW_PAUSED",
            "WORKFLOW_RESUMED",
            "TASK_ATTEMPT_FAILED",
            "TASK_CANCELLED",
            "TASK_REPORT_REFUSED",
            "TASK_REPORT_IGNORED",
            "TASK_CLAIM_RELEASED",
            "LEASE_EXPIRED",
            "SUBMISSION_DISCARDED",
            "SUBMISSION_IGNORED",
            "SUBMISSION_REFUSED");

    private final Set<@Nullable UUID> endedTasks = new HashSet<>();
    private boolean ended;

    private Retelling() {}

    /** @return the types of events by which it is known what was told before */
    static Set<String> remembered() {
        return Stream.of(WORKFLOW_ENDS, TASK_ENDS, Set.of(AGAIN))
                .flatMap(Set::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * @param before what happened before, in order, of the {@link #remembered} types at least
     * @param events all that is known to have happened since, in order
     */
    static List<ToldEvent> of(Collection<ToldEvent> before, Collection<ToldEvent> events) {
        Retelling retelling = new Retelling();
        before.forEach(retelling::tells);
        return events.stream().filter(retelling::tells).toList();
    }

    /** @return whether the event that comes next is told */
    private boolean tells(ToldEvent event) {
        String type = event.event().type();
        UUID task = event.taskId();
        if (event.event().sequence() == 0 && !SETBACKS.contains(type)) {
            return false;
        }
        if (type.equals(AGAIN)) {
            endedTasks.remove(task);
        }
        if (WORKFLOW_ENDS.contains(type)) {
            boolean first = !ended;
            ended = true;
            return first;
        }
        return task == null || !TASK_ENDS.contains(type) || endedTasks.add(task);
    }
}

package io.millrace.ingest.operations;

import io.millrace.ingest.queries.ToldEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What happened to an execution, told to people: each thing once, and failed attempts too. The history that workers
 * replay can be neither. It names an end twice, since clients of different languages look for different names. And it
 * may hold no type of event that an SDK does not know. Any thread.
 */
final class Retelling {

    /** Ends of the workflow. The first is what happened, any other says it again. */
    private static final Set<String> WORKFLOW_ENDS =
            Set.of("WORKFLOW_COMPLETED", "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED", "WORKFLOW_CANCELLED");

    /** The same for a task: one that is cancelled has failed as well, for workers. */
    private static final Set<String> TASK_ENDS = Set.of("TASK_COMPLETED", "TASK_FAILED", "TASK_CANCELLED");

    /** What went wrong on the way, or came too late, and stands in no history. */
    private static final Set<String> SETBACKS = Set.of(
            "SIGNAL_NOT_DELIVERED",
            "TASK_RETRIED",
            "WORKFLOW_RESET",
            "WORKFLOW_PAUSED",
            "WORKFLOW_RESUMED",
            "TASK_ATTEMPT_FAILED",
            "TASK_CANCELLED",
            "TASK_REPORT_REFUSED",
            "TASK_CLAIM_RELEASED",
            "LEASE_EXPIRED",
            "SUBMISSION_DISCARDED",
            "SUBMISSION_IGNORED",
            "SUBMISSION_REFUSED");

    private Retelling() {}

    /** @param events all that is known to have happened, in order */
    static List<ToldEvent> of(Collection<ToldEvent> events) {
        List<ToldEvent> told = new ArrayList<>();
        Set<UUID> endedTasks = new HashSet<>();
        boolean ended = false;
        for (ToldEvent event : events) {
            String type = event.event().type();
            if (event.event().sequence() == 0 && !SETBACKS.contains(type)) {
                continue;
            }
            if (type.equals("TASK_RETRIED")) {
                endedTasks.remove(event.taskId()); // it may end again
            }
            if (WORKFLOW_ENDS.contains(type)) {
                if (ended) {
                    continue;
                }
                ended = true;
            } else if (event.taskId() != null && TASK_ENDS.contains(type) && !endedTasks.add(event.taskId())) {
                continue;
            }
            told.add(event);
        }
        return told;
    }
}

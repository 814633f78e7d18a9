package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An execution or a task as a tree, step by step. Of many open tasks a step changes few, so the trees of the others are kept. One thread.
 */
final class StepTree {

    /** These may change tasks that they do not name. */
    private static final Set<String> OF_ALL_TASKS =
            Set.of("WORKFLOW_PAUSED", "WORKFLOW_RESUMED", "WORKFLOW_RESET", "WORKFLOW_CONTINUED_AS_NEW");

    private final PartitionState state;
    private final UUID execution;
    private final @Nullable UUID task;
    private final Map<UUID, Map<String, Object>> tasks = new HashMap<>();

    /** @param task null where the execution is wanted as a whole */
    StepTree(PartitionState state, UUID execution, @Nullable UUID task) {
        this.state = state;
        this.execution = execution;
        this.task = task;
    }

    /**
     * @param events that were applied since the last call
     * @return how it stands now; null where it is not there
     */
    @Nullable
    Map<String, Object> after(List<EventRecord> events) {
        Execution there = state.execution(execution);
        if (there == null) {
            return null;
        }
        if (task != null) {
            Task one = state.task(execution, task);
            return one == null ? null : ExecutionTree.of(one);
        }
        events.forEach(this::forget);
        return ExecutionTree.ofTrees(there, this::tree);
    }

    private void forget(EventRecord event) {
        ByteString named = event.getTaskId();
        if (!named.isEmpty()) {
            tasks.remove(Ids.fromBytes(named));
        } else if (OF_ALL_TASKS.contains(event.getType())) {
            tasks.clear();
        }
    }

    private @Nullable Map<String, Object> tree(UUID id) {
        return tasks.computeIfAbsent(id, missing -> {
            Task one = state.task(execution, missing);
            return one == null ? null : ExecutionTree.of(one);
        });
    }
}

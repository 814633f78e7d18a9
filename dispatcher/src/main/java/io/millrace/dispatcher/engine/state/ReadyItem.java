package io.millrace.dispatcher.engine.state;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A piece of ready work. Sooner order is handed out first, then by id.
 *
 * @param orderMs creation time less priority, milliseconds
 * @param executionId workflow execution, or the execution that the task belongs to
 * @param taskId the task, null for a workflow
 * @param kind its kind
 * @param sinceMs when it became ready
 * @param group among which of those that are handed out in turn it stands; empty: among all that has no group
 */
public record ReadyItem(
        long orderMs, UUID executionId, @Nullable UUID taskId, String kind, long sinceMs, String group)
        implements Comparable<ReadyItem> {

    UUID itemId() {
        return taskId == null ? executionId : taskId;
    }

    @Override
    public int compareTo(ReadyItem other) {
        int byOrder = Long.compare(orderMs, other.orderMs);
        return byOrder != 0 ? byOrder : itemId().compareTo(other.itemId());
    }
}

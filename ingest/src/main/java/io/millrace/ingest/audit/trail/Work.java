package io.millrace.ingest.audit.trail;

import io.millrace.ingest.validation.JsonFields;
import io.millrace.proto.v1.EventRecord;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Queue and kind of an execution or a task, as the event says by which it began.
 *
 * @param queue its queue
 * @param kind its kind
 */
public record Work(@Nullable String queue, @Nullable String kind) {

    /**
     * Whose they are. Workers name tasks, so a task may have the id of an execution.
     *
     * @param orgId its organisation
     * @param task whether it is a task, or else a workflow execution
     * @param id of either
     */
    public record Key(UUID orgId, boolean task, @Nullable UUID id) {}

    /** @return what begins with the event, if something does */
    static Optional<Key> begun(EventRecord event) {
        return switch (event.getType()) {
            case "WORKFLOW_STARTED" -> key(event, false, Asked.idOrNull(event.getExecutionId()));
            case "TASK_SCHEDULED", "TASK_SUBMITTED" -> key(event, true, Asked.idOrNull(event.getTaskId()));
            default -> Optional.empty();
        };
    }

    private static Optional<Key> key(EventRecord event, boolean task, @Nullable UUID id) {
        UUID orgId = Asked.idOrNull(event.getOrgId());
        return orgId == null || id == null ? Optional.empty() : Optional.of(new Key(orgId, task, id));
    }

    /** @return what the data of such an event say */
    static Work of(EventRecord event) {
        JsonFields data = JsonFields.parse(event.getData());
        return new Work(data.text("queue").orElse(null), data.text("kind").orElse(null));
    }
}

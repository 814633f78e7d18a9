package io.millrace.ingest.operations;

import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.reads.TaskHomes;
import io.millrace.proto.v1.TaskView;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the execution that a task belongs to, since calls about tasks do not name it. It is remembered where this node made
 * the task, handed it out or found it before; otherwise the dispatchers are asked. Safe from any thread, never blocks.
 */
final class TaskOwners {

    private final TaskHomes places;
    private final Reads reads;

    TaskOwners(TaskHomes places, Reads reads) {
        this.places = places;
        this.reads = reads;
    }

    /** @return the workflow of the task, the task's own id for a standalone one; NOT_FOUND if the organisation has no such task */
    CompletableFuture<UUID> ownerOf(UUID orgId, UUID taskId) {
        Optional<UUID> remembered = places.find(orgId, taskId);
        if (remembered.isPresent()) {
            return CompletableFuture.completedFuture(remembered.get());
        }
        return ask(orgId, taskId).thenApply(found -> owner(taskId, found.orElseThrow(() -> unknown(taskId))));
    }

    /** Remembers the execution of a task: its workflow, or its own id for a standalone one. */
    void remember(UUID orgId, UUID taskId, UUID owner) {
        places.put(orgId, taskId, owner);
    }

    private CompletableFuture<Optional<TaskView>> ask(UUID orgId, UUID taskId) {
        return reads.findTask(orgId, taskId).thenApply(found -> {
            found.ifPresent(task -> remember(orgId, taskId, owner(taskId, task)));
            return found;
        });
    }

    /** @return the workflow of the task, the task's own id for a standalone one */
    static UUID owner(UUID taskId, TaskView task) {
        return task.getExecutionId().isEmpty() ? taskId : Ids.fromBytes(task.getExecutionId());
    }

    /** @return the task as it stands; NOT_FOUND if the organisation has no such task */
    CompletableFuture<TaskView> task(UUID orgId, UUID taskId) {
        return find(orgId, taskId).thenApply(found -> found.orElseThrow(() -> unknown(taskId)));
    }

    /** @return the task as it stands in the dispatcher's stores */
    CompletableFuture<Optional<TaskView>> find(UUID orgId, UUID taskId) {
        return places.find(orgId, taskId)
                .map(owner -> reads.task(orgId, owner, taskId))
                .orElseGet(() -> ask(orgId, taskId));
    }

    static RefusedException unknown(UUID taskId) {
        return RefusedException.notFound(
                "expected a task execution of your organisation, but there is none of the id " + taskId);
    }
}

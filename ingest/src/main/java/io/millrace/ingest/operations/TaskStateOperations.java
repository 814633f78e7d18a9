package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Checks;
import io.millrace.proto.flovyn.v1.ClearAllStateRequest;
import io.millrace.proto.flovyn.v1.ClearStateRequest;
import io.millrace.proto.flovyn.v1.GetStateKeysRequest;
import io.millrace.proto.flovyn.v1.GetStateKeysResponse;
import io.millrace.proto.flovyn.v1.GetStateRequest;
import io.millrace.proto.flovyn.v1.GetStateResponse;
import io.millrace.proto.flovyn.v1.SetStateRequest;
import io.millrace.proto.v1.ChangeTaskState;
import io.millrace.proto.v1.ChangeTaskState.Change;
import io.millrace.proto.v1.TaskView;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Keys and values that a task keeps for its next attempt. Safe from any thread, never blocks. */
public final class TaskStateOperations {

    private final TaskOperations tasks;
    private final TaskOwners owners;
    private final Checks checks;
    private final StampedSettings settings;
    private final ScopeGuard guard;

    TaskStateOperations(
            TaskOperations tasks, TaskOwners owners, Checks checks, StampedSettings settings, ScopeGuard guard) {
        this.tasks = tasks;
        this.owners = owners;
        this.checks = checks;
        this.settings = settings;
        this.guard = guard;
    }

    /** @return the value of the key, if it is set */
    public CompletableFuture<GetStateResponse> get(Request request, GetStateRequest asked) {
        UUID taskId = checks.id("task_execution_id", asked.getTaskExecutionId());
        String key = checks.name("key", asked.getKey());
        return task(request, taskId).thenApply(task -> {
            ByteString value = task.getStateMap().get(key);
            return value == null
                    ? GetStateResponse.getDefaultInstance()
                    : GetStateResponse.newBuilder()
                            .setValue(value)
                            .setFound(true)
                            .build();
        });
    }

    /** @return all keys that are set, in order */
    public CompletableFuture<GetStateKeysResponse> keys(Request request, GetStateKeysRequest asked) {
        UUID taskId = checks.id("task_execution_id", asked.getTaskExecutionId());
        return task(request, taskId)
                .thenApply(task -> GetStateKeysResponse.newBuilder()
                        .addAllKeys(
                                task.getStateMap().keySet().stream().sorted().toList())
                        .build());
    }

    private CompletableFuture<TaskView> task(Request request, UUID taskId) {
        return guard.ofTask(
                request.caller(), taskId, () -> owners.task(request.caller().orgId(), taskId));
    }

    /** Sets a key. */
    public CompletableFuture<Void> set(Request request, SetStateRequest asked) {
        String key = checks.name("key", asked.getKey());
        ByteString value = checks.json("value", asked.getValue());
        return change(request, asked.getTaskExecutionId(), Change.SET, key, value);
    }

    /** Clears a key, set or not. */
    public CompletableFuture<Void> clear(Request request, ClearStateRequest asked) {
        String key = checks.name("key", asked.getKey());
        return change(request, asked.getTaskExecutionId(), Change.CLEAR, key, ByteString.EMPTY);
    }

    /** Clears all keys. */
    public CompletableFuture<Void> clearAll(Request request, ClearAllStateRequest asked) {
        return change(request, asked.getTaskExecutionId(), Change.CLEAR_ALL, "", ByteString.EMPTY);
    }

    private CompletableFuture<Void> change(
            Request request, String taskId, Change change, String key, ByteString value) {
        return tasks.forTask(
                        request,
                        taskId,
                        (ids, command) -> command.setChangeTaskState(ChangeTaskState.newBuilder()
                                .setTaskId(ids.task())
                                .setExecutionId(ids.execution())
                                .setChange(change)
                                .setKey(key)
                                .setValue(value)
                                .setMaxStateBytes(settings.maxTaskStateBytes())))
                .thenAccept(changed -> {});
    }
}

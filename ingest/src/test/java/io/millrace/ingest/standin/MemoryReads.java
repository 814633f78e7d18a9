package io.millrace.ingest.standin;

import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WorkflowStateView;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** What the dispatchers would know, put there by the test. */
public final class MemoryReads implements Reads {

    /** Key of everything: organisation and id. */
    public record Key(UUID orgId, UUID id) {}

    /** Histories by execution. */
    public final Map<Key, HistoryView> histories = new ConcurrentHashMap<>();

    /** Executions. */
    public final Map<Key, ExecutionView> executions = new ConcurrentHashMap<>();

    /** State maps by execution. */
    public final Map<Key, WorkflowStateView> states = new ConcurrentHashMap<>();

    /** Tasks by their own id. */
    public final Map<Key, TaskView> tasks = new ConcurrentHashMap<>();

    /** Promises by key, the same for all. */
    public final Map<String, FindPromiseResponse> promises = new ConcurrentHashMap<>();

    /** Ready work, the same for all. */
    public volatile ListQueuesResponse queues = ListQueuesResponse.getDefaultInstance();

    /** Set: every read fails of it. */
    public volatile RuntimeException outage;

    @Override
    public CompletableFuture<Optional<HistoryView>> history(UUID orgId, UUID executionId) {
        return found(histories, orgId, executionId);
    }

    @Override
    public CompletableFuture<Optional<ExecutionView>> execution(UUID orgId, UUID executionId) {
        return found(executions, orgId, executionId);
    }

    @Override
    public CompletableFuture<Optional<WorkflowStateView>> workflowState(UUID orgId, UUID executionId) {
        return found(states, orgId, executionId);
    }

    @Override
    public CompletableFuture<Optional<TaskView>> task(UUID orgId, UUID executionId, UUID taskId) {
        return found(tasks, orgId, taskId);
    }

    @Override
    public CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId) {
        return found(tasks, orgId, taskId);
    }

    @Override
    public CompletableFuture<Optional<FindPromiseResponse>> findPromise(UUID orgId, String key) {
        return outage == null
                ? CompletableFuture.completedFuture(Optional.ofNullable(promises.get(key)))
                : CompletableFuture.failedFuture(outage);
    }

    @Override
    public CompletableFuture<ListQueuesResponse> queues(UUID orgId) {
        return outage == null ? CompletableFuture.completedFuture(queues) : CompletableFuture.failedFuture(outage);
    }

    private <T> CompletableFuture<Optional<T>> found(Map<Key, T> map, UUID orgId, UUID id) {
        return outage == null
                ? CompletableFuture.completedFuture(Optional.ofNullable(map.get(new Key(orgId, id))))
                : CompletableFuture.failedFuture(outage);
    }
}

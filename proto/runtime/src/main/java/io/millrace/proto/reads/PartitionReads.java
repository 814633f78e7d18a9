package io.millrace.proto.reads;

import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.FindPromiseResponse;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkflowStateView;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Reads from the dispatcher's store of one partition. A read sees every command whose answer has been given. Futures
 * complete with an empty result if the organisation has no such thing. They complete exceptionally with
 * {@link ReadsUnavailableException} while nobody serves the partition (start, rebalance). Safe for use from any thread.
 */
public interface PartitionReads {

    /** @return the history that workers replay, ascending and without gaps */
    CompletableFuture<Optional<HistoryView>> history(UUID orgId, UUID executionId);

    /** @return the execution as it stands */
    CompletableFuture<Optional<ExecutionView>> execution(UUID orgId, UUID executionId);

    /** @return the state map that the workflow sets by SET_STATE */
    CompletableFuture<Optional<WorkflowStateView>> workflowState(UUID orgId, UUID executionId);

    /** @return why the workflow stands where it does */
    CompletableFuture<Optional<WhyView>> why(UUID orgId, UUID executionId);

    /**
     * @param executionId the workflow that the task belongs to; its own id for a standalone task
     * @return the task as it stands
     */
    CompletableFuture<Optional<TaskView>> task(UUID orgId, UUID executionId, UUID taskId);

    /** @return the promise bound to the key */
    CompletableFuture<Optional<FindPromiseResponse>> findPromise(UUID orgId, String key);

    /** @return the workflow that a start under the key would find; empty: it would open one */
    CompletableFuture<Optional<UUID>> startedUnder(UUID orgId, String key);

    /**
     * @param signalKey by which the signal is known if it was sent before; empty: none
     * @return the workflow that a signal with start under the key would find; empty: it would open one
     */
    CompletableFuture<Optional<UUID>> signalledUnder(UUID orgId, String key, String signalKey);

    /**
     * @param executionId a run of a workflow, which may have left the stores while the workflow goes on
     * @return the newest run of the workflow; empty where the organisation has none of that id
     */
    CompletableFuture<Optional<UUID>> newestRun(UUID orgId, UUID executionId);

    /**
     * @return the workflow of the promise of that id; its newest run where the one that had the promise has left; empty where the
     *     organisation has none that is open
     */
    CompletableFuture<Optional<UUID>> promiseHome(UUID orgId, UUID promiseId);

    /**
     * Watches an execution where it lives now. Any failure ends the watch with {@link ExecutionWatch#MOVED}. The caller
     * should then try again a moment later, from the position that it has reached.
     *
     * @param listener gets one step for each call of {@link ExecutionWatch#next}, one at a time; must not block
     * @return the watch, which tells no step before it is asked
     */
    ExecutionWatch watch(WatchRequest request, Consumer<WatchStep> listener);
}

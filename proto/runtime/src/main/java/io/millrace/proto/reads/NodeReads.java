package io.millrace.proto.reads;

import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.TaskView;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Reads from the stores of one node. Whoever asks says which partitions it takes the node to own: a node that owns fewer, as
 * one that has just started, must not say that there is nothing. Any thread.
 */
public interface NodeReads extends PartitionReads {

    /**
     * @param partitions to look in
     * @return the task; exceptionally with {@link ReadsUnavailableException} if it was not found and not all could be looked in
     */
    CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId, Set<Integer> partitions);

    /**
     * @param partitions to count
     * @return their ready work; exceptionally with {@link ReadsUnavailableException} if not all could be counted
     */
    CompletableFuture<ListQueuesResponse> queues(UUID orgId, Set<Integer> partitions);
}

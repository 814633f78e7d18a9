package io.millrace.proto.reads;

import io.millrace.proto.v1.ListPoliciesResponse;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WorkSubject;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the stores of one node. The caller says which partitions it takes the node to own. A node that owns fewer,
 * as when it has just started, must not say that there is nothing. Any thread.
 */
public interface NodeReads extends PartitionReads {

    /**
     * @param partitions to look in
     * @return the task. Completes exceptionally with {@link ReadsUnavailableException} if the task was not found, and
     *     not all partitions could be looked in
     */
    CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId, Set<Integer> partitions);

    /**
     * @param partitions to count
     * @return their ready work, a part of it. Completes exceptionally with {@link ReadsUnavailableException} if not all could be
     *     counted
     */
    CompletableFuture<ListQueuesResponse> queues(UUID orgId, Set<Integer> partitions, QueuePart.Asked asked);

    /**
     * @param partitions to look in
     * @param subject what the policies are about; null: all of the organisation
     * @return by which policies they hand work out. Completes exceptionally with {@link ReadsUnavailableException} if not all
     *     could be looked in
     */
    CompletableFuture<ListPoliciesResponse> policies(
            UUID orgId, Set<Integer> partitions, @Nullable WorkSubject subject);
}

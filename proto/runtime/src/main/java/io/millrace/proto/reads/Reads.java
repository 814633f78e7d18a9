package io.millrace.proto.reads;

import io.millrace.proto.v1.ListPoliciesResponse;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WorkSubject;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads from the dispatcher's stores, wherever the owning nodes are. Any thread. */
public interface Reads extends PartitionReads {

    /** @return the task, when its workflow is not known: unless the task is standalone, every dispatcher is asked */
    CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId);

    /** @return ready work of all partitions, a part of it */
    CompletableFuture<ListQueuesResponse> queues(UUID orgId, QueuePart.Asked asked);

    /**
     * @param subject what the policies are about; null: all of the organisation
     * @return by which policies each partition hands work out
     */
    CompletableFuture<ListPoliciesResponse> policies(UUID orgId, @Nullable WorkSubject subject);
}

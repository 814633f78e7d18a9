package io.millrace.proto.reads;

import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.TaskView;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Reads from the dispatcher's stores, wherever the owning nodes are. Any thread. */
public interface Reads extends PartitionReads {

    /** @return the task, when its workflow is not known: unless the task is standalone, every dispatcher is asked */
    CompletableFuture<Optional<TaskView>> findTask(UUID orgId, UUID taskId);

    /** @return ready work of all partitions, a part of it */
    CompletableFuture<ListQueuesResponse> queues(UUID orgId, QueuePart.Asked asked);
}

package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.state.Handout;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.dispatcher.engine.state.ReadyIndex;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.ListQueuesResponse;
import io.millrace.proto.v1.WorkAvailable;
import io.millrace.proto.v1.WorkType;

/** How much work stands ready, in the form in which the notifier hears of it. Stream thread. */
final class Levels {

    private final int partition;
    private final String node;

    Levels(int partition, String node) {
        this.partition = partition;
        this.node = node;
    }

    /** @return depth and age of the queue, whether or not its work may be handed out */
    QueueDepth depth(QueueKey queue, ReadyIndex ready) {
        long count = ready.depths(queue).values().stream()
                .mapToLong(Integer::longValue)
                .sum();
        return new QueueDepth(
                queue.orgId(),
                ListQueuesResponse.Queue.newBuilder()
                        .setQueue(queue.queue())
                        .setWorkType(workType(queue))
                        .setPartition(partition)
                        .setReady(count)
                        .setOldestReadyAtMs(ready.oldestSinceMs(queue))
                        .build());
    }

    private static WorkType workType(QueueKey queue) {
        return switch (queue.workType()) {
            case WORKFLOW -> WorkType.WORKFLOW;
            case TASK -> WorkType.TASK;
        };
    }

    /** @return the level of the queue as of the position: what may be handed out of it */
    WorkAvailable of(QueueKey queue, Handout handout, long position) {
        WorkAvailable.Builder level = WorkAvailable.newBuilder()
                .setOrgId(Ids.toByteString(queue.orgId()))
                .setQueue(queue.queue())
                .setWorkType(workType(queue))
                .setPartition(partition)
                .setPosition(position)
                .setComplete(true)
                .setNode(node);
        handout.kinds(
                queue,
                (kind, count, headOrderMs) ->
                        level.addKindsBuilder().setKind(kind).setReady(count).setHeadOrderMs(headOrderMs));
        return level.build();
    }
}

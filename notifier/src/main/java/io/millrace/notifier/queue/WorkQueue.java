package io.millrace.notifier.queue;

import io.millrace.proto.v1.WorkType;
import java.util.UUID;

/**
 * One entry of the index.
 *
 * @param orgId the organisation
 * @param queue name of its queue
 * @param workType workflow or task work
 */
public record WorkQueue(UUID orgId, String queue, WorkType workType) {

    /** @return the key of the same queue's work of the other type */
    public WorkQueue other() {
        return new WorkQueue(orgId, queue, workType == WorkType.WORKFLOW ? WorkType.TASK : WorkType.WORKFLOW);
    }
}

package io.millrace.proto.reads;

import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.WhyView;
import io.millrace.proto.v1.WorkflowStateView;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** How executions stood at a moment. For one thread. */
public interface PastState {

    /** @return the workflow execution as it stood; nothing where it was not there, or not any more */
    Optional<ExecutionView> workflow(UUID id);

    /** @return the values that the workflow had set; nothing where it was not there, or not any more */
    Optional<WorkflowStateView> values(UUID id);

    /** @return why the workflow stood where it did; nothing where it was not there, or not any more */
    Optional<WhyView> whyOfWorkflow(UUID id);

    /**
     * @param executionId the workflow that it belongs to, or its own id
     * @return why the task stood where it did; nothing where it was not there, or not any more
     */
    Optional<WhyView> whyOfTask(UUID executionId, UUID id);

    /** @return all work that stood ready, or that a worker had, in no order */
    List<PastWork> work();
}

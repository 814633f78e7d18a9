package io.millrace.ingest.encryption;

import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CancelTask;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends executions that no worker can carry on with, since their payloads were erased. Safe from any thread, never blocks. */
public final class ErasedWork {

    private static final Logger LOG = LoggerFactory.getLogger(ErasedWork.class);

    private static final Principal ERASURE = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("erasure")
            .build();
    private static final String REASON = "its payloads were erased";

    private final CommandLog log;

    /** @param log where cancellations are written; stays the caller's to close */
    public ErasedWork(CommandLog log) {
        this.log = log;
    }

    void workflow(UUID orgId, WorkflowExecution execution) {
        Ids.parse(execution.getId()).ifPresent(id -> cancelWorkflow(orgId, id));
    }

    void task(UUID orgId, TaskExecutionInfo task) {
        if (!task.getWorkflowExecutionId().isEmpty()) {
            Ids.parse(task.getWorkflowExecutionId()).ifPresent(id -> cancelWorkflow(orgId, id));
            return;
        }
        Ids.parse(task.getTaskExecutionId())
                .ifPresent(id -> tell(
                        orgId,
                        id,
                        CommandRecord.newBuilder()
                                .setCancelTask(CancelTask.newBuilder()
                                        .setTaskId(Ids.toByteString(id))
                                        .setExecutionId(Ids.toByteString(id)))));
    }

    private void cancelWorkflow(UUID orgId, UUID id) {
        tell(
                orgId,
                id,
                CommandRecord.newBuilder()
                        .setCancelWorkflow(CancelWorkflow.newBuilder()
                                .setExecutionId(Ids.toByteString(id))
                                .setReason(REASON)
                                .setRequestedBy(ERASURE.getId())));
    }

    private void tell(UUID orgId, UUID id, CommandRecord.Builder command) {
        log.tell(
                        Shards.partition(id, log.partitions()),
                        command.setOrgId(Ids.toByteString(orgId))
                                .setPrincipal(ERASURE)
                                .setReason(REASON))
                .exceptionally(failure -> {
                    // Its lease runs out, and it is met again.
                    LOG.warn(
                            "an execution whose payloads were erased stays open execution={} cause={}",
                            id,
                            failure.toString());
                    return null;
                });
    }
}

package io.millrace.ingest.operations;

import io.millrace.proto.flovyn.v1.StreamEventType;
import io.millrace.proto.flovyn.v1.StreamTaskDataRequest;
import io.millrace.proto.flovyn.v1.StreamTaskDataResponse;
import com.google.protobuf.ByteString;
import io.millrace.ingest.streams.TaskStreams;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.TaskStreamRecord;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Takes in what running tasks stream out. Safe from any thread, never blocks. */
public final class StreamOperations {

    private static final int REMEMBERED_TASKS = 50_000;

    private final TaskStreams streams;
    private final TaskOwners owners;
    private final Checks checks;
    private final Map<Source, UUID> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, UUID> eldest) {
            return size() > REMEMBERED_TASKS;
        }
    };

    StreamOperations(TaskStreams streams, TaskOwners owners, Checks checks) {
        this.streams = streams;
        this.owners = owners;
        this.checks = checks;
    }

    /** Passes a piece on; {@code acknowledged} is false where more comes than can be passed on. */
    public CompletableFuture<StreamTaskDataResponse> stream(Request request, StreamTaskDataRequest asked) {
        UUID taskId = checks.id("task_execution_id", asked.getTaskExecutionId());
        UUID workflowId = asked.getWorkflowExecutionId().isEmpty()
                ? null
                : checks.id("workflow_execution_id", asked.getWorkflowExecutionId());
        if (asked.getType() == StreamEventType.STREAM_EVENT_TYPE_UNSPECIFIED
                || asked.getType() == StreamEventType.UNRECOGNIZED) {
            throw RefusedException.invalid("expected TOKEN, PROGRESS, DATA or ERROR as type, but got "
                    + asked.getTypeValue());
        }
        checks.json("payload", ByteString.copyFromUtf8(asked.getPayload()));
        UUID orgId = request.caller().orgId();
        return owner(orgId, taskId).thenApply(owner -> {
            if (workflowId != null && !workflowId.equals(owner)) {
                throw RefusedException.invalid("expected the workflow of task " + taskId
                        + " as workflow_execution_id, but got " + workflowId);
            }
            boolean taken = streams.publish(TaskStreamRecord.newBuilder()
                    .setOrgId(Ids.toByteString(orgId))
                    .setExecutionId(Ids.toByteString(owner))
                    .setTaskId(Ids.toByteString(taskId))
                    .setSequence(asked.getSequence())
                    .setType(asked.getType())
                    .setPayload(asked.getPayload())
                    .setTimestampMs(asked.getTimestampMs())
                    .build());
            return StreamTaskDataResponse.newBuilder().setAcknowledged(taken).build();
        });
    }

    /** No engine looks at what is streamed, so that the task is the caller's own is found out here, once for each task. */
    private CompletableFuture<UUID> owner(UUID orgId, UUID taskId) {
        Source source = new Source(orgId, taskId);
        UUID remembered;
        synchronized (known) {
            remembered = known.get(source);
        }
        if (remembered != null) {
            return CompletableFuture.completedFuture(remembered);
        }
        return owners.task(orgId, taskId).thenApply(task -> {
            UUID owner = TaskOwners.owner(taskId, task);
            synchronized (known) {
                known.put(source, owner);
            }
            return owner;
        });
    }

    private record Source(UUID orgId, UUID taskId) {}
}

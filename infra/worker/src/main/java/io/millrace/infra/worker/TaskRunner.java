package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.StatusRuntimeException;
import io.millrace.proto.flovyn.v1.CompleteTaskRequest;
import io.millrace.proto.flovyn.v1.FailTaskRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks and reports how they ended. Safe from any thread. */
final class TaskRunner {

    private static final Logger LOG = LoggerFactory.getLogger(TaskRunner.class);

    private final WorkerClient client;
    private final WorkerObserver observer;
    private final Map<String, TaskFunction> functions;

    TaskRunner(WorkerClient client, WorkerObserver observer, Map<String, TaskFunction> functions) {
        this.client = client;
        this.observer = observer;
        this.functions = functions;
    }

    /** Runs one attempt. Blocks until its end is reported. */
    void run(TaskExecutionInfo task) {
        TraceMetadata.within(task.getTraceparent()).run(() -> attempt(task));
    }

    private void attempt(TaskExecutionInfo task) {
        String id = task.getTaskExecutionId();
        observer.taskHeld(id, task.getKind(), task.getExecutionCount(), System.nanoTime());
        try {
            TaskFunction function = functions.get(task.getKind());
            if (function == null) {
                fail(id, "Task kind not registered: " + task.getKind());
                return;
            }
            JsonNode output;
            try {
                output = function.run(TaskContext.of(task), JsonData.read(task.getInput()));
            } catch (Exception failure) {
                fail(id, String.valueOf(failure.getMessage()));
                return;
            }
            observer.taskEnds(id, true, System.nanoTime());
            client.tasks()
                    .completeTask(CompleteTaskRequest.newBuilder()
                            .setTaskExecutionId(id)
                            .setOutput(Activation.output(output))
                            .build());
        } catch (StatusRuntimeException refused) {
            observer.callFailed(refused.getStatus());
            LOG.warn("the end of a task was not taken task={} cause={}", id, refused.getMessage());
        }
    }

    private void fail(String id, String error) {
        observer.taskEnds(id, false, System.nanoTime());
        client.tasks()
                .failTask(FailTaskRequest.newBuilder()
                        .setTaskExecutionId(id)
                        .setError(error)
                        .build());
    }
}

package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.millrace.proto.HistoryAdvice;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CompleteWorkflowCommand;
import io.millrace.proto.flovyn.v1.FailWorkflowCommand;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.SubmitWorkflowCommandsRequest;
import io.millrace.proto.flovyn.v1.SuspendWorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import io.millrace.proto.v1.ContinueAsNewRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs activations: reads the history, runs the function over it, and submits what comes of it. Safe from any thread.
 */
final class WorkflowRunner {

    private static final Logger LOG = LoggerFactory.getLogger(WorkflowRunner.class);

    private final WorkerClient client;
    private final WorkerStyle style;
    private final WorkerObserver observer;
    private final Map<String, WorkflowFunction> functions;

    WorkflowRunner(
            WorkerClient client, WorkerStyle style, WorkerObserver observer, Map<String, WorkflowFunction> functions) {
        this.client = client;
        this.style = style;
        this.observer = observer;
        this.functions = functions;
    }

    /** Blocks until the server has accepted or refused the submission. What follows a refusal depends on the style. */
    void run(WorkflowExecution work, String traceparent) {
        TraceMetadata.within(traceparent).run(() -> activate(work, traceparent));
    }

    private void activate(WorkflowExecution work, String traceparent) {
        observer.workflowHeld(work.getId(), work.getKind(), System.nanoTime());
        try {
            AtomicReference<Metadata> trailers = new AtomicReference<>();
            List<WorkflowEvent> history = history(work.getId(), trailers);
            WorkflowFunction function = functions.get(work.getKind());
            if (function == null && style == WorkerStyle.RUST) {
                LOG.warn("no workflow of the kind is registered kind={} execution={}", work.getKind(), work.getId());
                return;
            }
            int firstNumber = style == WorkerStyle.RUST ? history.size() + 1 : 1;
            Activation activation = new Activation(
                    UUID.fromString(work.getId()),
                    traceparent,
                    Instant.ofEpochMilli(work.getWorkflowTaskTimeMillis()),
                    new Replay(history),
                    style,
                    firstNumber,
                    isLong(trailers.get()));
            try {
                WorkflowStatus status = function == null
                        ? failed(activation, "Workflow kind not registered: " + work.getKind(), "ERROR")
                        : run(function, activation, JsonData.read(work.getInput()));
                submit(work.getId(), () -> send(work.getId(), activation.commands(), status));
            } catch (ContinueAsNewSignal signal) {
                submit(work.getId(), () -> continueAsNew(work.getId(), activation, signal.input()));
            }
        } catch (StatusRuntimeException refused) {
            observer.callFailed(refused.getStatus());
            LOG.warn("activation lost execution={} cause={}", work.getId(), refused.getMessage());
        }
    }

    private static boolean isLong(@Nullable Metadata trailers) {
        return trailers != null && HistoryAdvice.CONTINUE_AS_NEW.equals(trailers.get(HistoryAdvice.KEY));
    }

    private List<WorkflowEvent> history(String id, AtomicReference<Metadata> trailers) {
        try {
            return client.workflows()
                    .withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers))
                    .getEvents(GetEventsRequest.newBuilder()
                            .setWorkflowExecutionId(id)
                            .build())
                    .getEventsList();
        } catch (StatusRuntimeException unreadable) {
            if (style == WorkerStyle.RUST) {
                throw unreadable;
            }
            observer.callFailed(unreadable.getStatus());
            return List.of();
        }
    }

    private WorkflowStatus run(WorkflowFunction function, Activation activation, JsonNode input) {
        try {
            ByteString output = Activation.output(function.run(activation, input));
            activation.issue(
                    CommandType.COMPLETE_WORKFLOW,
                    WorkflowCommand.newBuilder()
                            .setCompleteWorkflow(
                                    CompleteWorkflowCommand.newBuilder().setOutput(output)));
            return WorkflowStatus.COMPLETED;
        } catch (SuspendSignal suspended) {
            if (style == WorkerStyle.RUST) {
                activation.issue(
                        CommandType.SUSPEND_WORKFLOW,
                        WorkflowCommand.newBuilder()
                                .setSuspendWorkflow(
                                        SuspendWorkflowCommand.newBuilder().setReason(suspended.getMessage())));
            }
            return WorkflowStatus.SUSPENDED;
        } catch (WorkflowCancelledException cancelled) {
            return failed(
                    activation,
                    String.valueOf(cancelled.getMessage()),
                    style == WorkerStyle.RUST ? "ERROR" : "CANCELLED");
        } catch (Exception failure) {
            return failed(activation, String.valueOf(failure.getMessage()), "ERROR");
        }
    }

    private static WorkflowStatus failed(Activation activation, String error, String type) {
        activation.issue(CommandType.FAIL_WORKFLOW, failure(error, type));
        return WorkflowStatus.FAILED;
    }

    private static WorkflowCommand.Builder failure(String error, String type) {
        return WorkflowCommand.newBuilder()
                .setFailWorkflow(
                        FailWorkflowCommand.newBuilder().setError(error).setFailureType(type));
    }

    private void submit(String id, Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException refused) {
            if (style == WorkerStyle.RUST) {
                throw refused;
            }
            observer.callFailed(refused.getStatus());
            LOG.warn("submission not taken, so the workflow fails execution={} cause={}", id, refused.getMessage());
            WorkflowCommand failure = failure(String.valueOf(refused.getMessage()), "ERROR")
                    .setCommandType(CommandType.FAIL_WORKFLOW)
                    .setSequenceNumber(1)
                    .build();
            send(id, List.of(failure), WorkflowStatus.FAILED);
        }
    }

    private void continueAsNew(String id, Activation activation, ByteString input) {
        client.runs()
                .continueAsNew(ContinueAsNewRequest.newBuilder()
                        .setWorkflowExecutionId(id)
                        .addAllCommands(activation.commands())
                        .setInput(input)
                        .putAllTakenSignals(activation.takenSignals())
                        .setSequenceNumber(activation.nextNumber())
                        .build());
        observer.workflowSubmitted(id, true, System.nanoTime());
    }

    private void send(String id, List<WorkflowCommand> commands, WorkflowStatus status) {
        client.workflows()
                .submitWorkflowCommands(SubmitWorkflowCommandsRequest.newBuilder()
                        .setWorkflowExecutionId(id)
                        .addAllCommands(commands)
                        .setStatus(status)
                        .build());
        observer.workflowSubmitted(id, status != WorkflowStatus.SUSPENDED, System.nanoTime());
    }
}

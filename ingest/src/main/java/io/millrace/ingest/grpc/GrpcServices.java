package io.millrace.ingest.grpc;

import io.grpc.ServerServiceDefinition;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.PayloadReads;
import io.millrace.ingest.operations.PromiseOperations;
import io.millrace.ingest.operations.RefusalLog;
import io.millrace.ingest.operations.StartOperations;
import io.millrace.ingest.operations.TaskOperations;
import io.millrace.ingest.operations.TaskStateOperations;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.flovyn.v1.WorkflowQueryGrpc;
import io.millrace.proto.v1.ExecutionResultsGrpc;
import io.millrace.proto.v1.WorkflowRunsGrpc;
import java.util.List;
import java.util.OptionalLong;

/** The gRPC methods that the front door serves: all of {@code flovyn.v1} but polls and subscriptions, and Millrace's own. */
public final class GrpcServices {

    private GrpcServices() {}

    /** @return one definition per service, without the methods that others serve */
    public static List<ServerServiceDefinition> of(Operations operations, PayloadReads payloads, RefusalLog refusals) {
        return List.of(
                workflowDispatch(operations, payloads, refusals),
                new UnaryMethods(WorkflowQueryGrpc.SERVICE_NAME, refusals)
                        .add(
                                WorkflowQueryGrpc.getQueryWorkflowMethod(),
                                (request, asked) -> payloads.note(request, asked.getWorkflowExecutionId())
                                        .thenCompose(
                                                noted -> operations.history().query(request, asked)))
                        .definition(),
                taskExecution(operations, payloads, refusals),
                new UnaryMethods(ExecutionResultsGrpc.SERVICE_NAME, refusals)
                        .addWaiting(
                                ExecutionResultsGrpc.getAwaitEndMethod(),
                                (request, asked, gone) -> payloads.note(
                                                request,
                                                asked.hasTaskExecutionId()
                                                        ? asked.getTaskExecutionId()
                                                        : asked.getWorkflowExecutionId())
                                        .thenCompose(noted -> operations.ends().awaitEnd(request, asked, gone)))
                        .definition(),
                new UnaryMethods(WorkflowRunsGrpc.SERVICE_NAME, refusals)
                        .add(WorkflowRunsGrpc.getContinueAsNewMethod(), operations.submissions()::continueAsNew)
                        .definition(),
                new UnaryMethods(WorkerLifecycleGrpc.SERVICE_NAME, refusals)
                        .add(WorkerLifecycleGrpc.getRegisterWorkerMethod(), operations.workers()::register)
                        .addEmpty(WorkerLifecycleGrpc.getSendHeartbeatMethod(), operations.workers()::heartbeat)
                        .definition());
    }

    private static ServerServiceDefinition workflowDispatch(
            Operations operations, PayloadReads payloads, RefusalLog refusals) {
        StartOperations starts = operations.starts();
        PromiseOperations promises = operations.promises();
        return new UnaryMethods(WorkflowDispatchGrpc.SERVICE_NAME, refusals)
                .add(WorkflowDispatchGrpc.getStartWorkflowMethod(), starts::start)
                .add(WorkflowDispatchGrpc.getStartChildWorkflowMethod(), starts::startChild)
                .add(WorkflowDispatchGrpc.getSignalWorkflowMethod(), starts::signal)
                .add(WorkflowDispatchGrpc.getSignalWithStartWorkflowMethod(), starts::signalWithStart)
                .add(
                        WorkflowDispatchGrpc.getGetEventsMethod(),
                        (request, asked) -> payloads.note(request, asked.getWorkflowExecutionId())
                                .thenCompose(noted -> operations.history().events(request, asked)))
                .addEmpty(WorkflowDispatchGrpc.getSubmitWorkflowCommandsMethod(), operations.submissions()::submit)
                .addEmpty(
                        WorkflowDispatchGrpc.getResolvePromiseMethod(),
                        (request, asked) -> promises.resolve(request, asked.getPromiseId(), asked.getValue())
                                .thenAccept(changed -> {}))
                .addEmpty(
                        WorkflowDispatchGrpc.getRejectPromiseMethod(),
                        (request, asked) -> promises.reject(request, asked.getPromiseId(), asked.getError())
                                .thenAccept(changed -> {}))
                .add(WorkflowDispatchGrpc.getReportExecutionSpansMethod(), operations.spans()::report)
                .definition();
    }

    private static ServerServiceDefinition taskExecution(
            Operations operations, PayloadReads payloads, RefusalLog refusals) {
        TaskOperations tasks = operations.tasks();
        TaskStateOperations states = operations.taskStates();
        return new UnaryMethods(TaskExecutionGrpc.SERVICE_NAME, refusals)
                .add(TaskExecutionGrpc.getSubmitTaskMethod(), tasks::submit)
                .addEmpty(TaskExecutionGrpc.getCompleteTaskMethod(), tasks::complete)
                .addEmpty(TaskExecutionGrpc.getFailTaskMethod(), tasks::fail)
                .addEmpty(
                        TaskExecutionGrpc.getCancelTaskMethod(),
                        (request, asked) -> tasks.cancel(request, asked, request.reason(), OptionalLong.empty())
                                .thenAccept(answer -> {
                                    if (answer.pending().isPresent()) {
                                        throw answer.pending().get().refusal();
                                    }
                                }))
                .addEmpty(TaskExecutionGrpc.getHeartbeatMethod(), tasks::heartbeat)
                .addEmpty(TaskExecutionGrpc.getReportProgressMethod(), tasks::progress)
                .addEmpty(TaskExecutionGrpc.getLogMessageMethod(), tasks::log)
                .add(TaskExecutionGrpc.getStreamTaskDataMethod(), operations.streams()::stream)
                .add(
                        TaskExecutionGrpc.getGetStateMethod(),
                        (request, asked) -> payloads.note(request, asked.getTaskExecutionId())
                                .thenCompose(noted -> states.get(request, asked)))
                .addEmpty(TaskExecutionGrpc.getSetStateMethod(), states::set)
                .addEmpty(TaskExecutionGrpc.getClearStateMethod(), states::clear)
                .addEmpty(TaskExecutionGrpc.getClearAllStateMethod(), states::clearAll)
                .add(TaskExecutionGrpc.getGetStateKeysMethod(), states::keys)
                .definition();
    }
}

package io.millrace.infra.protocol;

import com.google.protobuf.ByteString;
import io.millrace.proto.flovyn.v1.CancelTimerCommand;
import io.millrace.proto.flovyn.v1.CancelWorkflowCommand;
import io.millrace.proto.flovyn.v1.ClearStateCommand;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CompleteWorkflowCommand;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.FailWorkflowCommand;
import io.millrace.proto.flovyn.v1.RecordOperationCommand;
import io.millrace.proto.flovyn.v1.RequestCancelChildWorkflowCommand;
import io.millrace.proto.flovyn.v1.ResolvePromiseCommand;
import io.millrace.proto.flovyn.v1.ScheduleChildWorkflowCommand;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SetStateCommand;
import io.millrace.proto.flovyn.v1.StartTimerCommand;
import io.millrace.proto.flovyn.v1.SuspendWorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand;

/** Workflow commands as SDKs write them. They carry no sequence number yet: who submits them numbers them. */
final class Commands {

    private Commands() {}

    static ByteString json(String text) {
        return ByteString.copyFromUtf8(text);
    }

    private static WorkflowCommand.Builder of(CommandType type) {
        return WorkflowCommand.newBuilder().setCommandType(type);
    }

    static WorkflowCommand operation(String name, String result) {
        return of(CommandType.RECORD_OPERATION)
                .setRecordOperation(RecordOperationCommand.newBuilder()
                        .setOperationName(name)
                        .setResult(json(result)))
                .build();
    }

    static WorkflowCommand set(String key, String value) {
        return of(CommandType.SET_STATE)
                .setSetState(SetStateCommand.newBuilder().setKey(key).setValue(json(value)))
                .build();
    }

    static WorkflowCommand clear(String key) {
        return of(CommandType.CLEAR_STATE)
                .setClearState(ClearStateCommand.newBuilder().setKey(key))
                .build();
    }

    static WorkflowCommand task(String id, String kind) {
        return task(ScheduleTaskCommand.newBuilder()
                .setTaskExecutionId(id)
                .setKind(kind)
                .setInput(json("{\"a\":1}")));
    }

    static WorkflowCommand task(ScheduleTaskCommand.Builder task) {
        return of(CommandType.SCHEDULE_TASK).setScheduleTask(task).build();
    }

    static WorkflowCommand complete(String output) {
        return of(CommandType.COMPLETE_WORKFLOW)
                .setCompleteWorkflow(CompleteWorkflowCommand.newBuilder().setOutput(json(output)))
                .build();
    }

    static WorkflowCommand fail(String error, String type) {
        return of(CommandType.FAIL_WORKFLOW)
                .setFailWorkflow(
                        FailWorkflowCommand.newBuilder().setError(error).setFailureType(type))
                .build();
    }

    static WorkflowCommand suspend(String reason) {
        return of(CommandType.SUSPEND_WORKFLOW)
                .setSuspendWorkflow(SuspendWorkflowCommand.newBuilder().setReason(reason))
                .build();
    }

    static WorkflowCommand cancel(String reason) {
        return of(CommandType.CANCEL_WORKFLOW)
                .setCancelWorkflow(CancelWorkflowCommand.newBuilder().setReason(reason))
                .build();
    }

    static WorkflowCommand promise(String name) {
        return promise(CreatePromiseCommand.newBuilder().setPromiseId(name));
    }

    static WorkflowCommand promise(CreatePromiseCommand.Builder promise) {
        return of(CommandType.CREATE_PROMISE).setCreatePromise(promise).build();
    }

    static WorkflowCommand resolve(String name, String value) {
        return of(CommandType.RESOLVE_PROMISE)
                .setResolvePromise(
                        ResolvePromiseCommand.newBuilder().setPromiseId(name).setValue(json(value)))
                .build();
    }

    static WorkflowCommand child(String id, String name, String kind, String queue) {
        return of(CommandType.SCHEDULE_CHILD_WORKFLOW)
                .setScheduleChildWorkflow(ScheduleChildWorkflowCommand.newBuilder()
                        .setChildWorkflowExecutionId(id)
                        .setChildExecutionName(name)
                        .setWorkflowKind(kind)
                        .setInput(json("{\"c\":1}"))
                        .setQueue(queue))
                .build();
    }

    static WorkflowCommand cancelChild(String id, String reason) {
        return of(CommandType.REQUEST_CANCEL_CHILD_WORKFLOW)
                .setRequestCancelChildWorkflow(RequestCancelChildWorkflowCommand.newBuilder()
                        .setChildWorkflowExecutionId(id)
                        .setReason(reason))
                .build();
    }

    static WorkflowCommand timer(String id, long durationMs) {
        return of(CommandType.START_TIMER)
                .setStartTimer(StartTimerCommand.newBuilder().setTimerId(id).setDurationMs(durationMs))
                .build();
    }

    static WorkflowCommand cancelTimer(String id) {
        return of(CommandType.CANCEL_TIMER)
                .setCancelTimer(CancelTimerCommand.newBuilder().setTimerId(id))
                .build();
    }

    /** What SDKs send for something they cannot express. */
    static WorkflowCommand unspecified() {
        return of(CommandType.COMMAND_TYPE_UNSPECIFIED).build();
    }
}

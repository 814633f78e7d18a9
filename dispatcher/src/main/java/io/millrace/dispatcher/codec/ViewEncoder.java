package io.millrace.dispatcher.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.Header;
import io.millrace.dispatcher.engine.state.Task;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WorkflowStateView;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Turns state into what reads answer. Safe on any thread. */
public final class ViewEncoder {

    private ViewEncoder() {}

    /** @return the history, ascending */
    public static HistoryView history(List<SealedEvent> events) {
        HistoryView.Builder view = HistoryView.newBuilder();
        for (SealedEvent event : events) {
            view.addEvents(OutcomeEncoder.encode(event));
        }
        return view.build();
    }

    /** @return the execution as it stands */
    public static ExecutionView execution(Execution execution) {
        Header header = execution.header();
        ExecutionView.Builder view = ExecutionView.newBuilder()
                .setExecutionId(Ids.toByteString(header.id()))
                .setOrgId(Ids.toByteString(header.orgId()))
                .setKind(header.kind())
                .setQueue(header.queue())
                .setStatus(OutcomeEncoder.encode(execution.status()))
                .setInput(bytes(header.input()))
                .setOutput(bytes(execution.output()))
                .setError(text(execution.error()))
                .putAllMetadata(header.work().metadata())
                .setWorkflowVersion(header.work().workflowVersion())
                .setCreatedAtMs(header.createdMs())
                .setClosedAtMs(execution.closedMs())
                .setHistoryLength(execution.lastSequence())
                .setHistoryBytes(execution.historyBytes())
                .setWorkerId(execution.workerId())
                .setDeliveries(execution.deliveries())
                .setChildExecutionName(header.parent().childName())
                .setPrioritySeconds(header.work().prioritySeconds())
                .setCancelledByForceAtMs(execution.cancelAtMs())
                .setPausedAtMs(execution.pausedMs())
                .setPausedBy(execution.pausedBy())
                .setPauseReason(execution.pauseReason())
                .setTerminatedBy(execution.terminatedBy());
        if (header.resetFrom() != null) {
            view.setResetFrom(Ids.toByteString(header.resetFrom()));
        }
        UUID successor = execution.successorId();
        if (successor != null) {
            view.setResetTo(Ids.toByteString(successor));
        }
        if (header.parentExecutionId() != null) {
            view.setParentExecutionId(Ids.toByteString(header.parentExecutionId()));
        }
        return view.build();
    }

    /** @return the queryable state */
    public static WorkflowStateView state(Execution execution) {
        WorkflowStateView.Builder view = WorkflowStateView.newBuilder();
        execution.values().forEach((key, value) -> view.putValues(key, bytes(value)));
        return view.build();
    }

    /** @return the task as it stands */
    public static TaskView task(Execution home, Task task) {
        TaskView.Builder view = TaskView.newBuilder()
                .setTaskId(Ids.toByteString(task.id()))
                .setOrgId(Ids.toByteString(home.header().orgId()))
                .setKind(task.kind())
                .setQueue(task.queue())
                .setStatus(OutcomeEncoder.encode(task.status()))
                .setInput(bytes(task.input()))
                .setOutput(bytes(task.output()))
                .setError(text(task.error()))
                .setExecutionCount(task.attempt())
                .setMaxRetries(task.maxRetries())
                .setCreatedAtMs(task.createdMs())
                .setStartedAtMs(task.startedMs())
                .setCompletedAtMs(task.completedMs())
                .setWorkerId(task.workerId())
                .setProgress(task.progress())
                .setProgressDetails(task.progressDetails())
                .setVersion(task.version())
                .putAllMetadata(task.metadata());
        if (!home.header().standaloneTask()) {
            view.setExecutionId(Ids.toByteString(task.executionId()));
        }
        task.state().forEach((key, value) -> view.putState(key, bytes(value)));
        task.log()
                .forEach(line -> view.addLogBuilder()
                        .setLevel(line.level())
                        .setMessage(line.message())
                        .setTimeMs(line.timeMs()));
        return view.build();
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static ByteString bytes(@Nullable Payload payload) {
        return payload == null ? ByteString.EMPTY : UnsafeByteOperations.unsafeWrap(payload.json());
    }
}

package io.millrace.ingest.encryption;

import com.google.protobuf.ByteString;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CreateSchedule;
import io.millrace.proto.v1.StartWorkflow;
import io.millrace.proto.v1.SubmitTask;
import java.util.function.Consumer;

/** What a command carries that callers wrote: what of it is payload, and by whose key that is encrypted. */
sealed interface Carried {

    /** Nothing. */
    record Nothing() implements Carried {}

    /** Names, reasons and the like, which stay as they are, and must not look encrypted. */
    record NoPayload() implements Carried {}

    /** A text in which a worker may have quoted anything. */
    record WorkersText(String text, Consumer<String> set) implements Carried {}

    /** Only partitions write such commands. */
    record OfPartitions() implements Carried {}

    /** Something that is encrypted. */
    sealed interface Payload extends Carried {

        /** @return encrypts all payloads of the command, in the command */
        Consumer<CommandPayloads> encryption();
    }

    /**
     * By the key of an execution that it makes.
     *
     * @param mayFind whether it may come into the history of another execution, which is there already
     */
    record OfStart(StartWorkflow start, boolean mayFind, Consumer<CommandPayloads> encryption) implements Payload {}

    /** By the key of a task that it makes, or of the workflow of that. */
    record OfTask(SubmitTask task, Consumer<CommandPayloads> encryption) implements Payload {}

    /** By the key of a data subject. */
    record OfSchedule(CreateSchedule schedule, Consumer<CommandPayloads> encryption) implements Payload {}

    /** By the key of an execution that is there. */
    record OfExecution(ByteString id, Consumer<CommandPayloads> encryption) implements Payload {}

    /**
     * By the key of the workflow that waits for the promise.
     *
     * @param executionId empty: that is known to the partition of the promise
     */
    record OfPromise(ByteString executionId, ByteString promiseId, Consumer<CommandPayloads> encryption)
            implements Payload {}

    /** By the key of a workflow that is not known here. */
    record OfPromiseKey() implements Payload {

        @Override
        public Consumer<CommandPayloads> encryption() {
            throw new IllegalStateException(
                    "expected to know whose payload it is, but only the promise's key is known");
        }
    }

    /** @return what it carries; what that encrypts, it encrypts in this builder */
    static Carried of(CommandRecord.Builder command) {
        return switch (command.getBodyCase()) {
            case START_WORKFLOW -> {
                var start = command.getStartWorkflowBuilder();
                yield new OfStart(command.getStartWorkflow(), false, to -> start.setInput(to.input(start.getInput())));
            }
            case SIGNAL_WITH_START -> {
                var signal = command.getSignalWithStartBuilder();
                yield new OfStart(signal.getStart(), true, to -> {
                    signal.getStartBuilder().setInput(to.input(signal.getStart().getInput()));
                    signal.setSignalValue(to.json(signal.getSignalValue()));
                });
            }
            case SUBMIT_TASK -> {
                var task = command.getSubmitTaskBuilder();
                yield new OfTask(command.getSubmitTask(), to -> task.setInput(to.input(task.getInput())));
            }
            case CREATE_SCHEDULE -> {
                var start = command.getCreateScheduleBuilder().getStartBuilder();
                yield new OfSchedule(command.getCreateSchedule(), to -> start.setInput(to.input(start.getInput())));
            }
            case RESET_WORKFLOW -> {
                var reset = command.getResetWorkflowBuilder();
                yield reset.getOtherInput()
                        ? new OfExecution(reset.getExecutionId(), to -> reset.setInput(to.input(reset.getInput())))
                        : new NoPayload();
            }
            case SIGNAL_WORKFLOW -> {
                var signal = command.getSignalWorkflowBuilder();
                yield new OfExecution(
                        signal.getExecutionId(), to -> signal.setSignalValue(to.json(signal.getSignalValue())));
            }
            case SUBMIT_COMMANDS -> {
                var submission = command.getSubmitCommandsBuilder();
                yield new OfExecution(
                        submission.getExecutionId(),
                        to -> submission.getCommandsBuilderList().forEach(to::encrypt));
            }
            case RESOLVE_PROMISE -> {
                var resolution = command.getResolvePromiseBuilder();
                yield new OfPromise(
                        resolution.getExecutionId(),
                        resolution.getPromiseId(),
                        to -> resolution.setValue(to.json(resolution.getValue())));
            }
            case REJECT_PROMISE -> {
                var rejection = command.getRejectPromiseBuilder();
                yield new OfPromise(
                        rejection.getExecutionId(),
                        rejection.getPromiseId(),
                        to -> rejection.setError(to.text(rejection.getError())));
            }
            case SETTLE_PROMISE_BY_KEY -> new OfPromiseKey();
            case COMPLETE_TASK -> {
                var end = command.getCompleteTaskBuilder();
                yield new OfExecution(end.getExecutionId(), to -> end.setOutput(to.json(end.getOutput())));
            }
            case FAIL_TASK -> {
                var end = command.getFailTaskBuilder();
                yield new OfExecution(end.getExecutionId(), to -> end.setError(to.text(end.getError())));
            }
            case REPORT_TASK_PROGRESS -> {
                var progress = command.getReportTaskProgressBuilder();
                yield new OfExecution(
                        progress.getExecutionId(), to -> progress.setDetails(to.text(progress.getDetails())));
            }
            case LOG_TASK_MESSAGE -> {
                var line = command.getLogTaskMessageBuilder();
                yield new OfExecution(line.getExecutionId(), to -> line.setMessage(to.text(line.getMessage())));
            }
            case CHANGE_TASK_STATE -> {
                var change = command.getChangeTaskStateBuilder();
                yield new OfExecution(change.getExecutionId(), to -> change.setValue(to.json(change.getValue())));
            }
            case REPORT_REFUSED -> {
                var report = command.getReportRefusedBuilder();
                yield new WorkersText(report.getText(), report::setText);
            }
            case CANCEL_WORKFLOW,
                    REQUEST_CANCELLATION,
                    TERMINATE_WORKFLOW,
                    PAUSE_WORKFLOW,
                    RESUME_WORKFLOW,
                    ANNOTATE_WORKFLOW,
                    SAVE_QUERY,
                    DELETE_QUERY,
                    BEGIN_BULK_JOB,
                    STEER_BULK_JOB,
                    CLAIM_BULK_JOB,
                    ADVANCE_BULK_JOB,
                    PAUSE_WORK,
                    RESUME_WORK,
                    LIMIT_WORK,
                    UPDATE_SCHEDULE,
                    PAUSE_SCHEDULE,
                    RESUME_SCHEDULE,
                    DELETE_SCHEDULE,
                    TRIGGER_SCHEDULE,
                    BACKFILL_SCHEDULE,
                    STOP_BACKFILL -> new NoPayload();
            case CANCEL_TASK,
                    RETRY_TASK,
                    HEARTBEAT_TASK,
                    CLAIM_WORK,
                    RELEASE_CLAIM,
                    WORKER_GONE,
                    WORKER_BACK,
                    FIRE_DUE,
                    RECORD_REFUSAL,
                    RECORD_NOTE,
                    BIND_PROMISE_KEY,
                    FREE_PROMISE_KEY,
                    BEGIN_TENURE,
                    END_TENURE,
                    RAISE_RULES,
                    BODY_NOT_SET -> new Nothing();
            case CHILD_CLOSED,
                    CONTINUE_CHILD,
                    FOLLOW_POLICY,
                    TELL_PLACES,
                    LEND_PLACES,
                    PLAN_SCHEDULE,
                    START_SCHEDULED_RUN,
                    SCHEDULED_RUN_ENDED,
                    CHECK_SCHEDULED_RUN -> new OfPartitions();
        };
    }
}

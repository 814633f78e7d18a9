package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.millrace.infra.worker.Replay.Event;
import io.millrace.infra.worker.Replay.Sort;
import io.millrace.proto.flovyn.v1.ClearStateCommand;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.RecordOperationCommand;
import io.millrace.proto.flovyn.v1.ScheduleChildWorkflowCommand;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.SetStateCommand;
import io.millrace.proto.flovyn.v1.StartTimerCommand;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** One run of a workflow function over its history. What the history lacks becomes commands. For one thread. */
final class Activation implements WorkflowContext {

    private final UUID id;
    private final String traceparent;
    private final Instant now;
    private final Replay replay;
    private final boolean rust;
    private final boolean historyIsLong;
    private final ReplayIds ids;
    private final Map<String, JsonNode> state = new HashMap<>();
    private final List<WorkflowCommand> commands = new ArrayList<>();
    private int nextNumber;
    private int timers;

    /** Over a history that nobody has called long. */
    Activation(UUID id, String traceparent, Instant now, Replay replay, WorkerStyle style, int firstNumber) {
        this(id, traceparent, now, replay, style, firstNumber, false);
    }

    /**
     * @param traceparent trace that the activation belongs to; empty: none
     * @param firstNumber sequence number of the first command
     * @param historyIsLong the server advises the workflow to continue as new
     */
    Activation(
            UUID id,
            String traceparent,
            Instant now,
            Replay replay,
            WorkerStyle style,
            int firstNumber,
            boolean historyIsLong) {
        this.historyIsLong = historyIsLong;
        this.id = id;
        this.traceparent = traceparent;
        this.now = now;
        this.replay = replay;
        this.rust = style == WorkerStyle.RUST;
        this.ids = new ReplayIds(id);
        this.nextNumber = firstNumber;
    }

    /** @return the commands to submit, in order */
    List<WorkflowCommand> commands() {
        return commands;
    }

    /** Adds a command with the next number. */
    void issue(CommandType type, WorkflowCommand.Builder command) {
        commands.add(
                command.setCommandType(type).setSequenceNumber(nextNumber++).build());
    }

    private static WorkflowCommand.Builder command() {
        return WorkflowCommand.newBuilder();
    }

    @Override
    public UUID id() {
        return id;
    }

    @Override
    public String traceparent() {
        return traceparent;
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public Optional<String> cancellationRequested() {
        return replay.cancellation().map(event -> event.text("reason"));
    }

    @Override
    public JsonNode continueAsNew(JsonNode input) {
        Optional<String> lost = replay.difference();
        if (lost.isPresent()) {
            throw new DeterminismException("Determinism violation: " + lost.get() + " before it continues as new");
        }
        throw new ContinueAsNewSignal(output(input));
    }

    @Override
    public boolean continueAsNewSuggested() {
        return historyIsLong && replay.caughtUp();
    }

    @Override
    public int historyEvents() {
        return replay.events();
    }

    @Override
    public long historyBytes() {
        return replay.bytes();
    }

    /** @return the number of the decision that ends the activation, if it has none of its own among the commands */
    int nextNumber() {
        return nextNumber;
    }

    /** @return how many signals of each name the workflow has taken */
    Map<String, Integer> takenSignals() {
        return replay.takenSignals();
    }

    @Override
    public UUID randomId() {
        return ids.next();
    }

    @Override
    public JsonNode run(String name, Operation operation) throws Exception {
        Optional<Event> recorded = replay.next(Sort.OPERATION, name, event -> event.text("operationName"));
        if (recorded.isPresent()) {
            return recorded.get().data().path("result");
        }
        JsonNode result = operation.call();
        issue(
                CommandType.RECORD_OPERATION,
                command()
                        .setRecordOperation(RecordOperationCommand.newBuilder()
                                .setOperationName(name)
                                .setResult(JsonData.write(result))));
        return result;
    }

    @Override
    public void setState(String key, JsonNode value) {
        state.put(key, value);
        if (replay.next(Sort.STATE, "STATE_SET " + key, Activation::stateChange).isEmpty()) {
            issue(
                    CommandType.SET_STATE,
                    command()
                            .setSetState(
                                    SetStateCommand.newBuilder().setKey(key).setValue(JsonData.write(value))));
        }
    }

    @Override
    public void clearState(String key) {
        state.remove(key);
        if (replay.next(Sort.STATE, "STATE_CLEARED " + key, Activation::stateChange)
                .isEmpty()) {
            issue(
                    CommandType.CLEAR_STATE,
                    command().setClearState(ClearStateCommand.newBuilder().setKey(key)));
        }
    }

    private static String stateChange(Event event) {
        return event.type() + " " + event.text("key");
    }

    @Override
    public Optional<JsonNode> getState(String key) {
        return Optional.ofNullable(state.get(key));
    }

    @Override
    public Pending<JsonNode> scheduleTask(String kind, JsonNode input, TaskOptions options) {
        String issued = ids.next().toString();
        Optional<Event> recorded = replay.next(Sort.TASK, kind, event -> event.text("kind"));
        if (recorded.isEmpty()) {
            ScheduleTaskCommand.Builder task = ScheduleTaskCommand.newBuilder()
                    .setKind(kind)
                    .setInput(JsonData.write(input))
                    .setTaskExecutionId(issued);
            options.maxRetries().ifPresent(task::setMaxRetries);
            options.timeout().ifPresent(limit -> task.setTimeoutMs(limit.toMillis()));
            options.queue().ifPresent(task::setQueue);
            issue(CommandType.SCHEDULE_TASK, command().setScheduleTask(task));
        }
        String task = recorded.map(event -> event.text("taskExecutionId")).orElse(issued);
        return awaited(
                "task", task, "Waiting for task " + kind, event -> event.data().path("output"));
    }

    @Override
    public Pending<Void> sleep(Duration duration) {
        String timer = rust ? "sleep-" + ++timers : "timer-" + timers++;
        if (replay.next(Sort.TIMER, timer, event -> event.text("timerId")).isEmpty()) {
            issue(
                    CommandType.START_TIMER,
                    command()
                            .setStartTimer(StartTimerCommand.newBuilder()
                                    .setTimerId(timer)
                                    .setDurationMs(duration.toMillis())));
        }
        return awaited("timer", timer, "Waiting for timer " + timer, event -> null);
    }

    @Override
    public Pending<JsonNode> promise(String name, PromiseOptions options) {
        Optional<Event> recorded = replay.next(Sort.PROMISE, name, event -> event.text("promiseName"));
        if (recorded.isEmpty()) {
            CreatePromiseCommand.Builder promise =
                    CreatePromiseCommand.newBuilder().setPromiseId(name);
            options.timeout().ifPresent(limit -> promise.setTimeoutMs(limit.toMillis()));
            options.idempotencyKey().ifPresent(promise::setIdempotencyKey);
            issue(CommandType.CREATE_PROMISE, command().setCreatePromise(promise));
        }
        // The server makes the id. So a promise that is not in the history yet cannot have been settled.
        String promise = recorded.map(event -> event.text("promiseId")).orElse("");
        return awaited(
                "promise",
                promise,
                "Waiting for promise " + name,
                event -> event.data().path("value"));
    }

    @Override
    public Pending<JsonNode> waitForSignal(String name) {
        int place = replay.takeSignal(name);
        return new Awaited<>(() -> replay.signal(name, place), "Waiting for signal " + name, event -> {
            replay.signalTaken(name, place);
            return event.data().path("signalValue");
        });
    }

    @Override
    public Pending<JsonNode> childWorkflow(String name, String kind, JsonNode input) {
        return childWorkflow(name, kind, input, "");
    }

    @Override
    public Pending<JsonNode> childWorkflow(String name, String kind, JsonNode input, String queue) {
        String issued = ids.next().toString();
        if (replay.next(Sort.CHILD, name, event -> event.text("childExecutionName"))
                .isEmpty()) {
            issue(
                    CommandType.SCHEDULE_CHILD_WORKFLOW,
                    command()
                            .setScheduleChildWorkflow(ScheduleChildWorkflowCommand.newBuilder()
                                    .setChildExecutionName(name)
                                    .setWorkflowKind(kind)
                                    .setChildWorkflowExecutionId(issued)
                                    .setInput(JsonData.write(input))
                                    .setQueue(queue)));
        }
        return awaited(
                "child",
                name,
                "Waiting for child " + name,
                event -> event.data().path("output"));
    }

    private <T> Pending<T> awaited(String what, String awaitedId, String reason, Function<Event, T> result) {
        return new Awaited<>(() -> replay.settled(what, awaitedId), reason, result);
    }

    /** @return the result of a workflow function as JSON text */
    static ByteString output(JsonNode result) {
        return result == null ? ByteString.copyFromUtf8("null") : JsonData.write(result);
    }
}

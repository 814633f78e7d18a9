package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.Claim;
import io.millrace.dispatcher.engine.command.Command.ClaimWork;
import io.millrace.dispatcher.engine.command.Command.FireDue;
import io.millrace.dispatcher.engine.command.Command.StartWorkflow;
import io.millrace.dispatcher.engine.command.Command.SubmissionStatus;
import io.millrace.dispatcher.engine.command.Command.SubmitCommands;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.DerivedIds;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.dispatcher.partition.GoldenRecorder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** One partition, told in commands: given some, when one more comes, then the outcome and the state can be looked at. */
final class Story {

    static final UUID ORG = new UUID(7, 7);
    static final String QUEUE = "orders";
    static final String KIND = "order";
    static final long LEASE_MS = 60_000;
    static final int MAX_DELIVERIES = 3;
    static final int MAX_STALE_ROUNDS = 2;
    static final long STALE_DELAY_MS = 100;
    static final long MAX_HISTORY = 1 << 20;
    static final long RETENTION_MS = 24 * 3_600_000L;

    final MemoryStorage storage = new MemoryStorage();
    final PartitionState state;
    private final Engine engine;
    private final GoldenRecorder.Tale golden = GoldenRecorder.begin();
    private long timeMs = 1_000_000;
    private long offset;
    private long ids;

    Story() {
        this(1_000);
    }

    /** @param waitingInMemory so much of what waits (for its time, or for a worker) is held in memory, about */
    Story(int waitingInMemory) {
        this(waitingInMemory, Rules.VERSION);
    }

    private Story(int waitingInMemory, int rules) {
        state = new PartitionState(storage, () -> 16 << 20, waitingInMemory);
        engine = new Engine(state);
        when(new Command.RaiseRules(rules));
    }

    /** @return one whose commands are decided by these rules, from the first on */
    static Story under(int rules) {
        return new Story(1_000, rules);
    }

    /** @return an id that no other call returns */
    UUID newId() {
        return new UUID(0x1000, ++ids);
    }

    /** @return the execution of the child that the parent's worker knows by the given id */
    static UUID child(UUID parent, UUID given) {
        return DerivedIds.child(ORG, parent, given);
    }

    /** Lets time pass; what falls due by then happens. */
    Outcome passes(long ms) {
        tick(ms);
        return when(new FireDue(1_000));
    }

    /** Moves the clock that commands are stamped with, which may run backwards, and lets nothing happen. */
    void tick(long ms) {
        timeMs += ms;
    }

    /** Carries out a command. */
    Outcome when(Command command) {
        return when(ORG, command);
    }

    Outcome when(UUID org, Command command) {
        CommandMeta meta = meta(org);
        golden.told(meta, command);
        return engine.process(meta, command);
    }

    /** @return what comes with the next command */
    CommandMeta meta() {
        return meta(ORG);
    }

    private CommandMeta meta(UUID org) {
        return new CommandMeta(new UUID(0x2000, offset), org, timeMs, timeMs, offset++, MAX_HISTORY);
    }

    /** Carries out a command that somebody in particular asks for, and that must not be refused. */
    Outcome by(Asker asker, Command command) {
        CommandMeta once = meta(ORG);
        CommandMeta meta = new CommandMeta(
                once.commandId(),
                ORG,
                once.timeMs(),
                once.appendedMs(),
                once.offset(),
                MAX_HISTORY,
                false,
                false,
                once.asked(),
                asker);
        golden.told(meta, command);
        Outcome outcome = engine.process(meta, command);
        assertNull(outcome.refusal());
        return outcome;
    }

    /** Carries out a command that belongs to the trace, and that must not be refused. */
    Outcome traced(String traceparent, Command command) {
        CommandMeta once = meta(ORG);
        CommandMeta meta = new CommandMeta(
                once.commandId(),
                ORG,
                once.timeMs(),
                once.appendedMs(),
                once.offset(),
                MAX_HISTORY,
                false,
                false,
                once.asked(),
                once.asker(),
                traceparent);
        golden.told(meta, command);
        Outcome outcome = engine.process(meta, command);
        assertNull(outcome.refusal());
        return outcome;
    }

    /** Carries out a command that must not be refused. */
    Outcome given(Command command) {
        return given(ORG, command);
    }

    /** Carries out a command of the organisation that must not be refused. */
    Outcome given(UUID org, Command command) {
        Outcome outcome = when(org, command);
        assertNull(outcome.refusal(), () -> "refused: " + outcome.refusal().text());
        return outcome;
    }

    /** Carries out a command that a bulk job asks for one of its items. */
    Outcome ofBulkJob(Command command) {
        CommandMeta once = meta(ORG);
        CommandMeta meta = new CommandMeta(
                once.commandId(),
                ORG,
                once.timeMs(),
                once.appendedMs(),
                once.offset(),
                MAX_HISTORY,
                false,
                true,
                once.asked(),
                once.asker());
        golden.told(meta, command);
        return engine.process(meta, command);
    }

    /** Carries out a command that another partition decided at that time, and may have sent before. */
    Outcome sentAgain(Command command, long decidedMs) {
        CommandMeta once = meta(ORG);
        CommandMeta meta = new CommandMeta(
                once.commandId(),
                ORG,
                decidedMs,
                once.appendedMs(),
                once.offset(),
                MAX_HISTORY,
                true,
                false,
                once.asked(),
                once.asker());
        golden.told(meta, command);
        Outcome outcome = engine.process(meta, command);
        assertNull(outcome.refusal());
        return outcome;
    }

    /** Carries out what the outcome sends to other partitions; all of them are this one here. */
    void delivered(Outcome outcome) {
        for (Outgoing outgoing : outcome.outgoing()) {
            Outcome received = outgoing.traceparent().isEmpty()
                    ? when(outgoing.orgId(), outgoing.command())
                    : traced(outgoing.traceparent(), outgoing.command());
            assertNull(
                    received.refusal(), () -> "refused: " + received.refusal().text());
            delivered(received);
        }
    }

    StartWorkflow start(UUID id, String kind, String key) {
        return new StartWorkflow(
                id, kind, Payload.of("{\"n\":1}"), Map.of(), QUEUE, 0, "", "", key, 10_000, RETENTION_MS, null, "");
    }

    /** @return a started workflow */
    UUID started() {
        UUID id = newId();
        given(start(id, KIND, ""));
        return id;
    }

    /** @return a workflow in a worker's hands */
    UUID running() {
        UUID id = started();
        assertEquals(id, claim("w").executionId());
        return id;
    }

    /** @return a workflow that waits for nothing in particular, or for what the steps say */
    UUID waiting(WorkflowStep... steps) {
        UUID id = running();
        given(submit(id, SubmissionStatus.SUSPENDED, steps));
        assertEquals(Status.WAITING, status(id));
        return id;
    }

    Claim poll(String worker, String... kinds) {
        return new Claim(newId(), worker, List.of(kinds), kinds.length == 0, LEASE_MS, MAX_DELIVERIES, Map.of(), null);
    }

    /** @return a poll whose work only the holder may report */
    Claim poll(String worker, Holder holder) {
        return new Claim(newId(), worker, List.of(), true, LEASE_MS, MAX_DELIVERIES, Map.of(), holder);
    }

    /** @return what the worker got; without an execution if there was nothing */
    Answer.Grant claim(String worker, String... kinds) {
        return claim(WorkType.WORKFLOW, worker, kinds);
    }

    Answer.Grant claimTask(String worker, String... kinds) {
        return claim(WorkType.TASK, worker, kinds);
    }

    private Answer.Grant claim(WorkType type, String worker, String... kinds) {
        return claim(type, poll(worker, kinds));
    }

    /** @return what came of a poll for a workflow */
    Outcome claiming(String worker) {
        return given(new ClaimWork(WorkType.WORKFLOW, QUEUE, List.of(poll(worker))));
    }

    /** @return what the poll got */
    Answer.Grant claim(WorkType type, Claim poll) {
        Outcome outcome = given(new ClaimWork(type, QUEUE, List.of(poll)));
        return ((Answer.Claimed) outcome.answer()).grants().getFirst();
    }

    SubmitCommands submit(UUID id, SubmissionStatus status, WorkflowStep... steps) {
        return new SubmitCommands(id, List.of(steps), 1, status, MAX_STALE_ROUNDS, STALE_DELAY_MS, RETENTION_MS);
    }

    Status status(UUID id) {
        return state.execution(id).status();
    }

    boolean ready(UUID id) {
        return state.execution(id).ready();
    }

    /** @return number of pieces that stand ready in the queue */
    int readyWork(WorkType type) {
        return state.ready().depths(new QueueKey(ORG, type, QUEUE)).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** @return types of the execution's history */
    List<String> history(UUID id) {
        return state.history(state.execution(id)).stream()
                .map(SealedEvent::type)
                .toList();
    }

    /** @return data of the last event of the type */
    String data(UUID id, String type) {
        return state.history(state.execution(id)).stream()
                .filter(event -> event.type().equals(type))
                .reduce((earlier, later) -> later)
                .map(event -> new String(event.data(), StandardCharsets.UTF_8))
                .orElseThrow(() -> new AssertionError("expected " + type + " in " + history(id)));
    }

    /** @return how often the type stands in the execution's history */
    long count(UUID id, String type) {
        return history(id).stream().filter(type::equals).count();
    }

    static List<String> types(Outcome outcome) {
        return outcome.events().stream().map(SealedEvent::type).toList();
    }

    static Payload json(String text) {
        return Payload.of(text);
    }
}

package io.millrace.dispatcher.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.engine.command.BulkJob;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.*;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.decide.Refusal.Reason;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.proto.Shards;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a command is about must be at home where the command lies. */
class HomeTest {

    private static final UUID ORG = new UUID(7, 7);
    private static final Home HOME = new Home(2, 4);
    private static final UUID OURS = new UUID(1, 4 * 77 + 2);
    private static final UUID THEIRS = new UUID(1, 4 * 77 + 3);
    private static final String OUR_KEY = key(2);
    private static final String THEIR_KEY = key(3);
    private static final Payload JSON = Payload.of("1");

    private final PartitionState state = new PartitionState(new MemoryStorage(), 1 << 20);
    private final Engine engine = new Engine(state, HOME);
    private long offset;

    private static String key(int partition) {
        return Stream.iterate(0, n -> n + 1)
                .map(n -> "key" + n)
                .filter(key -> Shards.partition(Shards.of(ORG, key), 4) == partition)
                .findFirst()
                .orElseThrow();
    }

    private Outcome when(Command command) {
        return engine.process(new CommandMeta(new UUID(9, offset), ORG, 1_000, 1_000, offset++, 0), command);
    }

    private static StartWorkflow start(UUID id, String key) {
        return new StartWorkflow(id, "order", JSON, Map.of(), "q", 0, "", "", key, 1_000, 1_000, null, "");
    }

    private static SubmitTask task(UUID id, String key) {
        return new SubmitTask(id, null, "mail", JSON, Map.of(), 1, 0, key, 1_000, "q", 1_000, 0);
    }

    private static List<Command> aboutIds(UUID id) {
        return List.of(
                start(id, ""),
                new SignalWithStart(start(id, ""), "s", JSON, 10, ""),
                new SignalWorkflow(id, "s", JSON, 10, "", 0),
                new CancelWorkflow(id, "r", "me"),
                new RequestCancellation(id, "r", "me", 0, 0),
                new TerminateWorkflow(id, "r", "me", 0),
                new PauseWorkflow(id, "r", "me", 0),
                new ResumeWorkflow(id, "r", "me", 0),
                new RetryTask(OURS, id, Command.ANY_VERSION),
                new ResetWorkflow(id, OURS, Point.BEGINNING, 0, null, false, "r", "me", 0, 0, null, ""),
                new ResetWorkflow(OURS, id, Point.BEGINNING, 0, null, false, "r", "me", 0, 0, null, ""),
                new ContinueChild(id, null, OURS, "c", Point.BEGINNING, "r", 0),
                new StartScheduledRun(start(id, ""), new ScheduleDefinition.Origin("s", OURS, id, 0, true)),
                new CheckScheduledRun(id, "s", OURS),
                new AnnotateWorkflow(id, "ticket 4711", "me"),
                new BeginBulkJob(
                        id, new BulkJob.Definition("CANCEL", "", 1, 0, 1, "r", "me", "ADMIN", "", 0, Map.of())),
                new SteerBulkJob(id, Steering.STOP, "r", "me", Command.ANY_VERSION),
                new ClaimBulkJob(id, "node", 1_000),
                new AdvanceBulkJob(id, 1, 1_000, BulkJob.Progress.NONE, false, ""),
                new SubmitCommands(id, List.of(), 1, SubmissionStatus.SUSPENDED, 2, 100, 1_000),
                new ReleaseClaim(WorkType.WORKFLOW, id, null, OURS, "gone"),
                new ReportRefused(id, null, "no JSON", 1, 100, 3),
                new ResolvePromise(id, null, "p", JSON),
                new ResolvePromise(null, id, "", JSON),
                new RejectPromise(id, null, "p", "no"),
                new RejectPromise(null, id, "", "no"),
                task(id, ""),
                new CompleteTask(OURS, id, JSON),
                new FailTask(OURS, id, "e", 0),
                new CancelTask(OURS, id, Command.ANY_VERSION),
                new HeartbeatTask(OURS, id, null),
                new ReportTaskProgress(OURS, id, 0.5, ""),
                new LogTaskMessage(OURS, id, "INFO", "m", 10, 0),
                new ChangeTaskState(OURS, id, StateChange.SET, "k", JSON, 100),
                new ChildClosed(id, OURS, "c", ChildOutcome.COMPLETED, JSON, ""),
                new WithClaims(start(id, ""), new ClaimWork(WorkType.WORKFLOW, "q", List.of())));
    }

    private static List<Command> aboutKeys(String key) {
        return List.of(
                start(OURS, key),
                task(OURS, key),
                new PauseSchedule(key, "r", "me", Command.ANY_VERSION),
                new PauseWork(subject(key), "r", "me", OfPolicy.ANY_VERSION, 4, 0),
                new ResumeWork(subject(key), "r", "me", OfPolicy.ANY_VERSION, 4),
                new LimitWork(subject(key), null, "r", "me", OfPolicy.ANY_VERSION, 4),
                new TellPlaces(queue(key), 1, 0, 0, 1, 0),
                new ScheduledRunEnded(key, OURS, OURS, "FAILED"),
                new BindPromiseKey(key, OURS, OURS, "p", 1_000),
                new FreePromiseKey(key, OURS),
                new SettlePromiseByKey(key, false, JSON, ""));
    }

    /** @return a kind whose policy is at home where the key is */
    private static WorkSubject subject(String key) {
        return subject(WorkSubject.Type.TASK_KIND, key);
    }

    /** @return a queue whose limit is at home where the key is */
    private static String queue(String key) {
        return subject(WorkSubject.Type.QUEUE, key).name();
    }

    private static WorkSubject subject(WorkSubject.Type type, String key) {
        int partition = Shards.partition(Shards.of(ORG, key), 4);
        return Stream.iterate(0, n -> n + 1)
                .map(n -> new WorkSubject(type, "name" + n))
                .filter(kind -> Shards.partition(Shards.of(ORG, kind.homeKey()), 4) == partition)
                .findFirst()
                .orElseThrow();
    }

    static Stream<Command> strays() {
        return Stream.concat(aboutIds(THEIRS).stream(), aboutKeys(THEIR_KEY).stream());
    }

    static Stream<Command> atHome() {
        return Stream.concat(aboutIds(OURS).stream(), aboutKeys(OUR_KEY).stream());
    }

    @ParameterizedTest
    @MethodSource("strays")
    void whatIsAtHomeElsewhereIsPoisonAndChangesNothing(Command command) {
        when(new RaiseRules(Rules.VERSION));
        Outcome outcome = when(command);
        assertEquals(Reason.POISON, outcome.refusal().reason());
        assertTrue(outcome.refusal()
                .text()
                .startsWith("expected a command about what is at home in partition 2 of 4, but it is about "));
        assertTrue(outcome.refusal().text().endsWith(" of partition 3: nobody would ever find it here"));
        assertEquals(List.of(), outcome.events());
        assertNull(state.execution(THEIRS));
    }

    @ParameterizedTest
    @MethodSource("atHome")
    void whatIsAtHomeIsNoStray(Command command) {
        when(new RaiseRules(Rules.VERSION));
        Outcome outcome = when(command);
        assertNotEquals(
                Reason.POISON,
                outcome.refusal() == null ? null : outcome.refusal().reason());
    }

    @Test
    void theRulesBeforeCarryStraysOut() {
        assertNull(when(start(THEIRS, "")).refusal());
        assertNull(when(new CancelWorkflow(THEIRS, "r", "me")).refusal());
        when(new RaiseRules(Rules.VERSION));
        assertEquals(
                Reason.POISON,
                when(new CancelWorkflow(THEIRS, "r", "me")).refusal().reason());
    }

    /** Workers choose the ids of children and tasks, and parents may live anywhere. */
    @Test
    void othersThatACommandNamesMayLiveAnywhere() {
        when(new RaiseRules(Rules.VERSION));
        StartWorkflow child =
                new StartWorkflow(OURS, "order", JSON, Map.of(), "q", 0, "", "", "", 1_000, 1_000, THEIRS, "child");
        assertNull(when(child).refusal());
    }
}

package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.Asker;
import io.millrace.dispatcher.engine.command.BulkJob;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.*;
import io.millrace.dispatcher.engine.command.Command.StopBackfill;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.command.SavedQuery;
import io.millrace.dispatcher.engine.command.ScheduleDefinition;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.command.WorkflowStep;
import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.DerivedIds;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.Schedule;
import io.millrace.proto.ClaimId;
import io.millrace.proto.ScheduleTiming;
import io.millrace.proto.Shards;
import io.millrace.proto.WorkSubjects;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Logs of random but lifelike commands. There are few ids and names, so that they meet. Clocks sometimes run backwards.
 * Commands are repeated and out of place. The same seed gives the same log.
 */
public final class RandomLog {

    /** One command of it. */
    public record Entry(CommandMeta meta, Command command) {}

    private static final List<String> QUEUES = List.of("default", "fast");
    private static final List<String> KINDS = List.of("order", "mail", "report");

    private final Raises raises;
    private final int partitions;
    private final Random random;
    private final List<UUID> executions = new ArrayList<>();
    private final List<UUID> orgs = List.of(new UUID(1, 1), new UUID(1, 2));
    private final List<UUID[]> tasks = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private final List<Answer.Grant> grants = new ArrayList<>();
    private UUID pausedLast;
    private final UUID[] bulkJobs = new UUID[3];
    // Carries out what it writes, to know what could come next; its state never shows in the log otherwise.
    private final PartitionState state = new PartitionState(new MemoryStorage(), 256 << 20);
    private final Engine engine;
    private long timeMs = 1_000_000;
    /** The broker's clock is not the writers', and is set right now and then. */
    private final Random broker;
    /** When operators ask for something, and for what: what is new there changes nothing of what else a log has. */
    private final Random turns;

    private final Random operators;
    /** Whose work it is, for queues that are handed out in turn; and when limits come and go. */
    private final Random limits;

    private final Random askers;
    /** When nodes leave, and Kafka does not answer; and who has seen what they steer. */
    private final Random silences;
    /** What partitions send each other of places; the next come soon. */
    private final Deque<Outgoing> places = new ArrayDeque<>();

    private long appendedMs = 1_000_000;

    /** Where the rules are raised to the newest ones. */
    private enum Raises {
        AT_RANDOM,
        NEVER,
        FIRST
    }

    /** Makes one whose rules are raised at a random place. */
    public RandomLog(long seed) {
        this(seed, Raises.AT_RANDOM, 1);
    }

    private RandomLog(long seed, Raises raises, int partitions) {
        this.raises = raises;
        this.partitions = partitions;
        engine = new Engine(state, new Home(0, partitions));
        random = new Random(seed);
        broker = new Random(~seed);
        turns = new Random(seed + 4711);
        operators = new Random(seed + 4712);
        limits = new Random(seed + 4713);
        askers = new Random(seed + 4714);
        silences = new Random(seed + 4715);
    }

    /** @return one whose rules are the oldest to its end */
    static RandomLog ofOldestRules(long seed) {
        return new RandomLog(seed, Raises.NEVER, 1);
    }

    /** @return one of the first of several partitions; now and then it gets what belongs to another */
    public static RandomLog ofFirst(int partitions, long seed) {
        return new RandomLog(seed, Raises.AT_RANDOM, partitions);
    }

    /** @return one of the first of several partitions, by the newest rules from its first command on */
    public static RandomLog ofNewestRules(int partitions, long seed) {
        return new RandomLog(seed, Raises.FIRST, partitions);
    }

    /** @return the first so many commands */
    public List<Entry> entries(int count) {
        int raised = switch (raises) {
            case AT_RANDOM -> broker.nextInt(count);
            case NEVER -> count;
            case FIRST -> 0;
        };
        for (int offset = 0; offset < count; offset++) {
            timeMs += random.nextInt(400) - 20;
            appendedMs += broker.nextInt(100) == 0 ? broker.nextInt(40_000) - 20_000 : broker.nextInt(380);
            UUID id = new UUID(random.nextLong(), random.nextLong());
            boolean repeat = !entries.isEmpty() && random.nextInt(25) == 0;
            UUID org = random.nextInt(10) == 0 ? orgs.get(1) : orgs.get(0);
            Command command = repeat
                    ? entries.get(random.nextInt(entries.size())).command()
                    : offset == raised
                            ? new RaiseRules(Rules.VERSION)
                            : perhapsOfOperators(perhapsOfTheServer(perhapsRidden(command())));
            if (!repeat && offset != raised && state.rules() >= Rules.OPERATIONS) {
                if (!places.isEmpty() && limits.nextInt(3) > 0) {
                    org = places.getFirst().orgId();
                    command = places.removeFirst().command();
                } else if (limits.nextInt(90) == 0) {
                    command = limit();
                }
            }
            Entry entry = new Entry(meta(id, org, offset, command), command);
            entries.add(entry);
            Outcome outcome = engine.process(entry.meta(), entry.command());
            outcome.outgoing().stream()
                    .filter(out -> out.command() instanceof TellPlaces || out.command() instanceof LendPlaces)
                    .forEach(places::add);
            Answer answer = outcome.answer();
            if (answer instanceof Answer.WithClaims answers) {
                answer = answers.claimed();
            }
            if (answer instanceof Answer.Claimed claimed) {
                claimed.grants().stream()
                        .filter(grant -> grant.executionId() != null)
                        .forEach(grants::add);
            }
        }
        return entries;
    }

    /** Children are started by other partitions, which may have sent the start before, long ago. */
    private CommandMeta meta(UUID id, UUID org, int offset, Command command) {
        boolean sent = command instanceof StartWorkflow start && start.parentExecutionId() != null;
        boolean again = sent && broker.nextBoolean();
        return new CommandMeta(
                id,
                org,
                again ? appendedMs - broker.nextInt(4_000) : timeMs,
                appendedMs,
                offset,
                60_000,
                again,
                false,
                new byte[32],
                asker(command));
    }

    private Asker asker(Command command) {
        Asker somebody = asker();
        return command instanceof HeartbeatTask beat && beat.leaving() ? new Asker("SYSTEM", "notifier", "") : somebody;
    }

    /** Mostly the same, or little would be done. */
    private Asker asker() {
        return new Asker("WORKER", askers.nextInt(12) == 0 ? "bob" : "ann", "key-" + askers.nextInt(5) / 4);
    }

    private @Nullable Holder holder() {
        return switch (askers.nextInt(8)) {
            case 0, 1, 2 -> null;
            case 3 -> new Holder(asker(), Holder.Binding.CREDENTIAL);
            default -> new Holder(asker(), Holder.Binding.PRINCIPAL);
        };
    }

    /** Servers come and go now and then. */
    private Command perhapsOfTheServer(Command command) {
        return switch (broker.nextInt(80)) {
            case 0 ->
                new BeginTenure(
                        new UUID(broker.nextLong(), broker.nextLong()),
                        "n",
                        Rules.VERSION,
                        broker.nextBoolean() ? appendedMs - broker.nextInt(3_000) : 0,
                        0,
                        0);
            case 1, 2 ->
                new WorkerBack(
                        "w" + broker.nextInt(3),
                        "lost",
                        process(),
                        broker.nextBoolean(),
                        300,
                        broker.nextInt(2_000),
                        0,
                        0,
                        Set.of(),
                        Asker.NOBODY);
            case 4 ->
                new WorkerBack(
                        "w" + broker.nextInt(3),
                        "moved",
                        process(),
                        broker.nextBoolean(),
                        300,
                        broker.nextInt(2_000),
                        timeMs - broker.nextInt(1_000),
                        broker.nextInt(3_000),
                        Set.of(),
                        asker());
            case 3 -> new WorkerGone("w" + broker.nextInt(3), "gone", timeMs - broker.nextInt(1_000), asker());
            default -> command;
        };
    }

    private long process() {
        return ClaimId.process("n", broker.nextInt(2));
    }

    private Command perhapsRidden(Command command) {
        return command instanceof ClaimWork || random.nextInt(4) > 0 ? command : new WithClaims(command, claim());
    }

    private Command command() {
        int dice = random.nextInt(100);
        if (dice < 12 || executions.isEmpty()) {
            return start();
        }
        if (dice < 20) {
            return operation();
        }
        if (dice < 40) {
            return claim();
        }
        if (dice < 65) {
            return submit();
        }
        if (dice < 75) {
            UUID[] task = task();
            return switch (random.nextInt(6)) {
                case 0 -> new FailTask(task[0], task[1], "broken", random.nextInt(2) * 500L);
                case 1 -> new CancelTask(task[0], task[1], Command.ANY_VERSION);
                case 2 ->
                    new HeartbeatTask(
                            task[0], task[1], random.nextBoolean() ? null : task[0], silences.nextInt(8) == 0);
                case 3 ->
                    new ChangeTaskState(
                            task[0],
                            task[1],
                            StateChange.values()[random.nextInt(3)],
                            "k" + random.nextInt(3),
                            json(),
                            99);
                default -> new CompleteTask(task[0], task[1], json());
            };
        }
        return switch (dice) {
            case 75, 76 -> new SignalWorkflow(execution(), "s" + random.nextInt(2), json(), 20, "", 0);
            case 77 -> new SignalWorkflow(execution(), "s" + random.nextInt(2), json(), 20, "k", 1_000);
            case 78 -> new SignalWithStart((StartWorkflow) start(), "s", json(), 20, "");
            case 79 -> new SignalWithStart((StartWorkflow) start(), "s", json(), 20, "k");
            case 80 -> new CancelWorkflow(execution(), "enough", "tester");
            case 81, 91 -> new ResolvePromise(held(), null, name(), json());
            case 82, 83 -> new RejectPromise(held(), null, name(), "no");
            case 84 -> release();
            case 85 -> new WorkerGone("w" + random.nextInt(3), "gone", 0, Asker.NOBODY);
            case 86, 87 -> submitTask();
            case 88 ->
                new ChildClosed(
                        execution(), execution(), name(), ChildOutcome.values()[random.nextInt(3)], json(), "e");
            case 89 -> new BindPromiseKey(homeKey("pk" + random.nextInt(3)), execution(), execution(), name(), 5_000);
            case 90 -> new SettlePromiseByKey(homeKey("pk" + random.nextInt(3)), random.nextBoolean(), json(), "e");
            case 92 -> new RecordRefusal("StartWorkflow", "INVALID_ARGUMENT", "expected a kind, but got none", "");
            case 95 -> new FreePromiseKey(homeKey("pk" + random.nextInt(3)), execution());
            case 93 -> new ReportRefused(held(), null, "not JSON", random.nextInt(4), 500, 3);
            case 94 -> new ReportRefused(task()[1], task()[0], "too large", 0, 500, 3);
            default ->
                new FireDue(
                        1 + random.nextInt(20), silences.nextInt(10) == 0 ? appendedMs - silences.nextInt(4_000) : 0);
        };
    }

    /** Under rules of before, nodes could not read them. */
    private Command operation() {
        if (state.rules() < Rules.OPERATIONS) {
            return start();
        }
        return switch (random.nextInt(24)) {
            case 20, 21, 22, 23 -> ofPolicy();
            case 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 -> ofSchedule();
            case 6, 7 -> {
                pausedLast = held();
                yield new PauseWorkflow(pausedLast, "hold it", "tester", 0);
            }
            case 8, 9 -> new ResumeWorkflow(pausedLast == null ? held() : pausedLast, "go on", "tester", 0);
            case 0 -> new TerminateWorkflow(execution(), "enough", "tester", 0);
            case 1 -> {
                UUID[] task = task();
                yield new RetryTask(task[0], task[1], Command.ANY_VERSION);
            }
            case 2, 3 -> reset();
            case 4 ->
                new ContinueChild(
                        execution(),
                        random.nextBoolean() ? null : homeId(),
                        execution(),
                        name(),
                        point(),
                        "again",
                        3_000);
            default -> new RequestCancellation(held(), "enough", "tester", random.nextInt(3) * 700L, random.nextInt(3));
        };
    }

    private Command perhapsOfOperators(Command otherwise) {
        boolean turn = turns.nextInt(40) == 0;
        return turn && state.rules() >= Rules.OPERATIONS ? ofOperators() : otherwise;
    }

    private Command ofOperators() {
        return switch (operators.nextInt(7)) {
            case 3 ->
                new UpdateSchedule(
                        homeKey("daily" + operators.nextInt(3)),
                        new ScheduleTiming(
                                ScheduleTiming.Form.INTERVAL,
                                "",
                                1_000L + operators.nextInt(2) * 500L,
                                0,
                                "",
                                timeMs,
                                0,
                                0,
                                operators.nextInt(300)),
                        ScheduleDefinition.Overlap.values()[operators.nextInt(4)],
                        ScheduleDefinition.Missed.values()[operators.nextInt(3)],
                        operators.nextInt(3) * 1_000L,
                        0,
                        "other times",
                        "tester",
                        Command.ANY_VERSION);
            case 1 ->
                new SaveQuery(
                        new SavedQuery(savedName(), "WORKFLOWS", "attempt > " + operators.nextInt(2), "", "tester"),
                        operators.nextInt(4) == 0 ? 0 : Command.ANY_VERSION);
            case 2 -> new DeleteQuery(savedName(), "tester", Command.ANY_VERSION);
            case 0 -> new AnnotateWorkflow(lately(), "ticket " + operators.nextInt(9), "tester");
            default -> ofBulkJob();
        };
    }

    private String savedName() {
        return "late" + operators.nextInt(3);
    }

    /** @return an execution of which a worker got something not long ago, or none */
    private UUID lately() {
        if (grants.isEmpty() || operators.nextInt(5) == 0) {
            return Shards.place(operators.nextLong(), operators.nextLong(), 0);
        }
        int last = Math.min(20, grants.size());
        return grants.get(grants.size() - 1 - operators.nextInt(last)).executionId();
    }

    /** Mostly what fits the job as it stands. */
    private Command ofBulkJob() {
        int which = operators.nextInt(bulkJobs.length);
        UUID id =
                bulkJobs[which] == null ? Shards.place(operators.nextLong(), operators.nextLong(), 0) : bulkJobs[which];
        bulkJobs[which] = id;
        BulkJob job = state.bulkJobs().get(orgs.getFirst(), id);
        if (job == null) {
            return new BeginBulkJob(
                    id,
                    new BulkJob.Definition(
                            "CANCEL",
                            "status = FAILED",
                            1 + operators.nextInt(9),
                            0,
                            7,
                            "mess",
                            "tester",
                            "ADMIN",
                            "",
                            0,
                            operators.nextBoolean() ? Map.of() : Map.of("toEvent", "3")));
        }
        return switch (operators.nextInt(8)) {
            case 0 ->
                new SteerBulkJob(
                        id,
                        Steering.values()[operators.nextInt(Steering.values().length)],
                        "because",
                        "tester",
                        silences.nextInt(3) == 0 ? job.version() - silences.nextInt(2) : Command.ANY_VERSION);
            case 1, 2 -> new ClaimBulkJob(id, "node" + operators.nextInt(2), operators.nextInt(3) * 500L);
            default ->
                new AdvanceBulkJob(
                        id,
                        job.claim().number() - (operators.nextInt(5) == 0 ? 1 : 0),
                        operators.nextInt(3) * 500L,
                        new BulkJob.Progress(timeMs, id, job.progress().done() + 1, operators.nextInt(3), 0),
                        operators.nextInt(5) == 0,
                        operators.nextInt(9) == 0 ? "it cannot" : "");
        };
    }

    /** Of one of the two queues mostly, so that there is work that nothing limits. Places come from nowhere where others lend them. */
    private Command limit() {
        WorkSubject subject = new WorkSubject(WorkSubject.Type.QUEUE, QUEUES.get(limits.nextInt(4) / 3));
        boolean home = WorkSubjects.home(orgs.getFirst(), subject.type().name(), subject.name(), partitions) == 0;
        WorkPolicy now = state.policies().get(orgs.getFirst(), subject);
        WorkPolicy.Limit limit = limits.nextInt(3) == 0
                ? null
                : new WorkPolicy.Limit(
                        limits.nextInt(3) * 4,
                        limits.nextInt(2) * 5,
                        3,
                        limits.nextBoolean() ? "customer" : "",
                        now.epoch() == 0 ? now.version() + 1 : now.epoch(),
                        partitions,
                        timeMs,
                        "tester",
                        "flood");
        if (home) {
            return new LimitWork(subject, limit, "flood", "tester", OfPolicy.ANY_VERSION, partitions);
        }
        QueuePlaces here = state.places().get(orgs.getFirst(), subject.name());
        return here != null && limits.nextInt(3) > 0
                ? new LendPlaces(subject.name(), here.epoch(), here.lent() + limits.nextInt(4))
                : new FollowPolicy(subject, now.limited(limit).as(now.version() + 1));
    }

    private Map<String, String> metadata() {
        int whose = limits.nextInt(4);
        return whose == 0 ? Map.of() : Map.of("customer", "c" + whose);
    }

    /** Mostly resumes, or little would be handed out. */
    private Command ofPolicy() {
        WorkSubject.Type type = WorkSubject.Type.values()[random.nextInt(4)];
        WorkSubject subject = new WorkSubject(
                type,
                switch (type) {
                    case QUEUE -> pick(QUEUES);
                    case WORKFLOW_KIND, TASK_KIND -> pick(KINDS);
                    case WORKER -> "w" + random.nextInt(3);
                });
        long version = state.policies().get(orgs.getFirst(), subject).version();
        boolean home = WorkSubjects.home(orgs.getFirst(), type.name(), subject.name(), partitions) == 0;
        if (!home || random.nextInt(6) == 0) {
            return new FollowPolicy(
                    subject,
                    new WorkPolicy(
                            version + 1 - random.nextInt(3),
                            random.nextInt(4) == 0 ? new WorkPolicy.Pause(timeMs, "tester", "elsewhere", 0) : null,
                            state.policies().get(orgs.getFirst(), subject).limit()));
        }
        long seen = random.nextInt(4) == 0 ? random.nextInt(2) * version : OfPolicy.ANY_VERSION;
        return random.nextInt(4) == 0
                ? new PauseWork(subject, "hold it", "tester", seen, partitions, random.nextInt(3) * 700L)
                : new ResumeWork(subject, "go on", "tester", seen, partitions);
    }

    /** Mostly what fits the schedule as it stands. */
    private Command ofSchedule() {
        String name = homeKey("daily" + random.nextInt(3));
        Schedule schedule = state.schedule(orgs.getFirst(), name);
        if (schedule == null) {
            return createSchedule(name);
        }
        UUID id = schedule.definition().id();
        return switch (random.nextInt(30)) {
            case 0 -> new PauseSchedule(name, "hold it", "tester", Command.ANY_VERSION);
            case 1, 2, 3 -> new ResumeSchedule(name, "go on", "tester", Command.ANY_VERSION);
            case 4 -> new DeleteSchedule(name, "no more", "tester", Command.ANY_VERSION);
            case 5 -> new TriggerSchedule(name, "now", "tester", Command.ANY_VERSION);
            case 6 ->
                new BackfillSchedule(
                        name,
                        timeMs - random.nextInt(9_000),
                        timeMs - 2_000,
                        random.nextBoolean(),
                        "again",
                        "tester",
                        Command.ANY_VERSION);
            case 7, 8 ->
                new ScheduledRunEnded(
                        name, id, schedule.openRun() == null ? execution() : schedule.openRun(), "COMPLETED");
            case 9 -> startScheduled(name, id);
            case 10 -> new CheckScheduledRun(execution(), name, id);
            case 11 -> createSchedule(name);
            case 12 -> new StopBackfill(name, "enough", "tester", Command.ANY_VERSION);
            default -> plan(schedule);
        };
    }

    private Command createSchedule(String name) {
        return new CreateSchedule(
                new ScheduleDefinition(
                        name,
                        homeId(),
                        new ScheduleTiming(
                                ScheduleTiming.Form.INTERVAL, "", 1_000, 0, "", timeMs, 0, 0, random.nextInt(300)),
                        new ScheduleDefinition.Start(
                                pick(KINDS), json(), Map.of("by", "schedule"), pick(QUEUES), 0, "", "", 4_000),
                        ScheduleDefinition.Overlap.values()[random.nextInt(4)],
                        ScheduleDefinition.Missed.values()[random.nextInt(3)],
                        random.nextInt(2_000),
                        random.nextInt(2) * 700L),
                random.nextInt(8) == 0,
                "tester");
    }

    private Command startScheduled(String name, UUID scheduleId) {
        UUID id = homeId();
        executions.add(id);
        return new StartScheduledRun(
                new StartWorkflow(id, pick(KINDS), json(), Map.of(), pick(QUEUES), 0, "", "", "", 0, 4_000, null, ""),
                new ScheduleDefinition.Origin(name, scheduleId, id, timeMs, random.nextBoolean()));
    }

    private Command plan(Schedule schedule) {
        boolean backfill = schedule.wantsBackfill() || random.nextInt(12) == 0;
        long afterMs = backfill && schedule.backfill() != null
                ? schedule.backfill().plannedUntilMs()
                : schedule.plannedUntilMs() - (random.nextInt(10) == 0 ? 1 : 0);
        List<ScheduleDefinition.Time> times = new ArrayList<>();
        long untilMs = afterMs;
        for (int i = random.nextInt(6); i >= 0; i--) {
            untilMs += 1_000;
            times.add(new ScheduleDefinition.Time(untilMs, untilMs + random.nextInt(300)));
        }
        return new PlanSchedule(
                schedule.name(),
                schedule.definition().id(),
                afterMs,
                untilMs,
                random.nextInt(6) == 0,
                times,
                0,
                backfill);
    }

    private Command reset() {
        UUID id = homeId();
        executions.add(id);
        return new ResetWorkflow(
                execution(),
                id,
                point(),
                1 + random.nextInt(6),
                random.nextBoolean() ? null : json(),
                random.nextInt(8) == 0,
                "again",
                "tester",
                0,
                3_000,
                null,
                "");
    }

    private Point point() {
        return pick(List.of(Point.values()));
    }

    private Command start() {
        UUID id = homeId();
        executions.add(id);
        String key = random.nextInt(3) == 0 ? homeKey("key" + random.nextInt(4)) : "";
        UUID parent = random.nextInt(8) == 0 && executions.size() > 1 ? execution() : null;
        return new StartWorkflow(
                id,
                pick(KINDS),
                json(),
                metadata(),
                pick(QUEUES),
                random.nextInt(3),
                "1.0.0",
                "",
                parent == null ? key : "",
                3_000,
                4_000,
                parent,
                parent == null ? "" : name());
    }

    private Command submitTask() {
        UUID id = homeId();
        tasks.add(new UUID[] {id, id});
        String key = random.nextBoolean() ? homeKey("task-key" + random.nextInt(2)) : "";
        return new SubmitTask(
                id,
                null,
                pick(KINDS),
                json(),
                metadata(),
                1,
                2_000,
                key,
                3_000,
                pick(QUEUES),
                4_000,
                random.nextBoolean() ? timeMs + 300 : 0);
    }

    private ClaimWork claim() {
        List<Claim> polls = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            long number = random.nextLong();
            UUID id = ClaimId.of(timeMs, process(), number ^ random.nextLong());
            boolean any = random.nextInt(3) == 0;
            polls.add(new Claim(
                    id,
                    "w" + random.nextInt(3),
                    any ? List.of() : List.of(pick(KINDS), pick(KINDS)),
                    any,
                    1_500,
                    3,
                    Map.of(KINDS.get(2), 2_000L),
                    holder()));
        }
        return new ClaimWork(random.nextInt(3) == 0 ? WorkType.TASK : WorkType.WORKFLOW, pick(QUEUES), polls);
    }

    private Command submit() {
        UUID execution = held();
        List<WorkflowStep> steps = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            steps.add(step(execution));
        }
        SubmissionStatus status = SubmissionStatus.values()[random.nextInt(6) == 0 ? random.nextInt(4) : 0];
        return new SubmitCommands(execution, steps, random.nextInt(3), status, 2, 200, 4_000);
    }

    private WorkflowStep step(UUID execution) {
        return switch (random.nextInt(12)) {
            case 0 -> new WorkflowStep.RecordOperation("op", json());
            case 1 -> new WorkflowStep.SetState("k" + random.nextInt(3), json());
            case 2 -> new WorkflowStep.ClearState("k" + random.nextInt(3));
            case 3, 4 -> {
                UUID id = new UUID(random.nextLong(), random.nextLong());
                tasks.add(new UUID[] {id, execution});
                yield new WorkflowStep.ScheduleTask(pick(KINDS), json(), id, 1, random.nextInt(2) * 2_500L, "");
            }
            case 5 ->
                new WorkflowStep.CreatePromise(
                        name(), random.nextInt(2) * 900L, random.nextBoolean() ? homeKey("pk0") : "", 5_000);
            case 6 -> new WorkflowStep.ResolvePromise(name(), json());
            case 7 -> {
                UUID id = homeId();
                executions.add(id);
                UUID made = DerivedIds.child(orgs.getFirst(), execution, id);
                if (Shards.partition(made, partitions) == 0) {
                    executions.add(made);
                }
                yield new WorkflowStep.ScheduleChildWorkflow(name(), pick(KINDS), "", id, json(), "", 0);
            }
            case 8 -> new WorkflowStep.StartTimer("t" + random.nextInt(9), random.nextInt(1_200) - 100);
            case 9 -> new WorkflowStep.CancelTimer("t" + random.nextInt(5));
            case 10 -> new WorkflowStep.RequestCancelChild(name(), null, "no longer needed");
            default -> {
                UUID id = homeId();
                executions.add(id);
                yield state.rules() < Rules.OPERATIONS
                        ? new WorkflowStep.RequestCancelChild(name(), null, "no longer needed")
                        : new WorkflowStep.ContinueAsNew(id, json(), 3_000, Map.of("s0", 1));
            }
        };
    }

    private UUID execution() {
        // Mostly recent ones, so that histories grow.
        int size = executions.size();
        return executions.get(Math.max(0, size - 1 - (int) Math.abs(random.nextGaussian() * 6)));
    }

    /** Mostly what a worker holds, most of all what it got last. */
    private UUID held() {
        return grants.isEmpty() || random.nextInt(5) == 0
                ? execution()
                : grants.get(Math.max(0, grants.size() - 1 - random.nextInt(4))).executionId();
    }

    private UUID[] task() {
        return tasks.isEmpty()
                ? new UUID[] {execution(), execution()}
                : tasks.get(Math.max(0, tasks.size() - 1 - random.nextInt(Math.min(8, tasks.size()))));
    }

    private Command release() {
        if (grants.isEmpty()) {
            return new WorkerGone("w0", "gone", 0, Asker.NOBODY);
        }
        Answer.Grant grant = grants.getLast();
        WorkType type = grant.taskId() == null ? WorkType.WORKFLOW : WorkType.TASK;
        return new ReleaseClaim(type, grant.executionId(), grant.taskId(), grant.claimId(), "gone");
    }

    private UUID homeId() {
        UUID id = new UUID(random.nextLong(), random.nextLong());
        int shard = Shards.of(id);
        boolean strays = partitions > 1 && random.nextInt(40) == 0;
        return strays ? id : new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits() - shard % partitions);
    }

    /** At home for one organisation, and for the other perhaps. */
    private String homeKey(String name) {
        String key = name;
        while (Shards.partition(Shards.of(orgs.getFirst(), key), partitions) != 0) {
            key += "+";
        }
        return key;
    }

    private String name() {
        return "n" + random.nextInt(4);
    }

    private Payload json() {
        return Payload.of(random.nextInt(4) == 0 ? "" : "{\"n\":" + random.nextLong() + "}");
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}

package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.approvals.ApprovalSettings;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.queries.BulkCounts;
import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.standin.MemoryQueries;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.Limits;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.reads.TaskHomes;
import io.millrace.proto.standin.MemoryDirectory;
import io.millrace.proto.v1.AdvanceBulkJob;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ReplyRecord.BulkJobState;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one run asked and could not tell, the next one leaves out, wherever the query shows it by then. */
class BulkRunTest {

    private static final UUID ORG = new UUID(1, 2);
    private static final UUID JOB = new UUID(3, 4);
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final Duration DELIVERY = Duration.ofMinutes(2);

    private static final ReplyRecord PAUSED = ReplyRecord.newBuilder()
            .setAccepted(ReplyRecord.Accepted.newBuilder().setChanged(true))
            .build();

    /** Rows of a part of what the query finds. */
    private static final int PART = 3;

    private final ScriptedLog log = new ScriptedLog();
    private final MemoryQueries queries = new MemoryQueries();
    private final ConcurrentSkipListSet<Long> found = new ConcurrentSkipListSet<>();
    private BulkOperations bulk;

    /** What the engine has of the jobs. */
    private final Map<UUID, BulkJobState> states = new ConcurrentHashMap<>(Map.of(JOB, job(BulkOperations.MOST_RATE)));

    private volatile boolean advancesAreLost;
    private final CompletableFuture<Void> completed = new CompletableFuture<>();
    private final CompletableFuture<Void> kept = new CompletableFuture<>();

    /** Answers of the items asked from now on; none: they are paused. */
    private final Deque<CompletableFuture<ReplyRecord>> answers = new ConcurrentLinkedDeque<>();

    private static BulkJobState job(int rate) {
        return BulkJobState.newBuilder()
                .setStatus("RUNNING")
                .setAction("PAUSE")
                .setQuery("status = PENDING")
                .setRate(rate)
                .setReason("ticket 4711")
                .setRequestedBy("ann")
                .setBegunMs(1_000)
                .build();
    }

    @BeforeEach
    void begin() {
        queries.executionParts = this::part;
        queries.bulkCounts = after -> new BulkCounts(
                queries.bulkAsked.stream()
                        .filter(id -> after == null || id.getLeastSignificantBits() > after.value())
                        .count(),
                0,
                0);
        log.answerBy(this::engine);
        MemoryReads reads = new MemoryReads();
        Checks checks = new Checks(Limits.defaults(), false);
        CommandSender sender = new CommandSender(log);
        TaskOwners owners = new TaskOwners(new TaskHomes(16), reads);
        ClosedExecutions closed = new ClosedExecutions(queries);
        ScopeGuard guard = new ScopeGuard(reads, queries, owners);
        StampedSettings settings = StampedSettings.defaults();
        IssuedKeys keys =
                IssuedKeys.follow(Access.development(), CommandMacs.OFF, new MemoryDirectory(), InstantSource.system());
        Approvals approvals =
                new Approvals(log, queries::approval, keys, ApprovalSettings.NONE, checks, Clock.systemUTC());
        bulk = new BulkOperations(
                sender,
                checks,
                queries,
                approvals,
                new WorkflowOperations(sender, checks, closed, guard, approvals),
                new TaskOperations(
                        sender,
                        checks,
                        settings,
                        owners,
                        new RefusedReportSender(sender, settings, owners),
                        queries,
                        new HistoryOperations(reads, queries, checks, guard),
                        closed,
                        guard,
                        approvals),
                new DeadLetterOperations(sender, checks, queries, guard),
                Clock.systemUTC());
    }

    /** A workflow that began so many milliseconds after the epoch. */
    private static UUID item(long createdMs) {
        return new UUID(5, createdMs);
    }

    private Page<ExecutionRow> part(PageRequest page) {
        Cursor after = page.after();
        List<Long> left = (after == null ? found : found.tailSet(after.value(), false))
                .stream().toList();
        int limit = Math.min(PART, page.limit());
        return Page.of(
                left.stream().limit(limit).map(BulkRunTest::row).toList(),
                row -> new Cursor(row.createdAtMs(), row.id()),
                left.size() > limit);
    }

    private static ExecutionRow row(long createdMs) {
        return new ExecutionRow(
                item(createdMs),
                "order",
                "default",
                ExecutionStatus.PENDING,
                "",
                Map.of(),
                null,
                null,
                null,
                0,
                null,
                null,
                null,
                null,
                null,
                0,
                0,
                createdMs,
                0,
                0,
                false,
                null);
    }

    private CompletableFuture<ReplyRecord> engine(CommandRecord command) {
        if (command.hasPauseWorkflow()) {
            CompletableFuture<ReplyRecord> answer = answers.poll();
            if (answer != null) {
                return answer;
            }
            queries.bulkAsked.add(Ids.fromBytes(command.getPauseWorkflow().getExecutionId()));
            return CompletableFuture.completedFuture(PAUSED);
        }
        if (command.hasClaimBulkJob()) {
            if (command.getClaimBulkJob().getLeaseMs() == DELIVERY.toMillis()) {
                kept.complete(null);
            }
            return stands(Ids.fromBytes(command.getClaimBulkJob().getJobId()));
        }
        if (advancesAreLost) {
            return CompletableFuture.failedFuture(new IllegalStateException("the log is away"));
        }
        AdvanceBulkJob told = command.getAdvanceBulkJob();
        UUID id = Ids.fromBytes(told.getJobId());
        states.computeIfPresent(
                id,
                (same, state) -> state.toBuilder()
                        .setStatus(
                                state.getStatus().equals("STOPPING")
                                        ? "STOPPED"
                                        : told.getLast() ? "COMPLETED" : state.getStatus())
                        .setDone(told.getDone())
                        .setRefused(told.getRefused())
                        .setSkipped(told.getSkipped())
                        .setCursorMs(told.getCursorMs())
                        .setCursorId(told.getCursorId())
                        .build());
        if (state().getStatus().equals("COMPLETED")) {
            completed.complete(null);
        }
        return stands(id);
    }

    private CompletableFuture<ReplyRecord> stands(UUID job) {
        return CompletableFuture.completedFuture(
                ReplyRecord.newBuilder().setBulkJob(states.get(job)).build());
    }

    private static BulkJobRow row(UUID org, UUID job, String query) {
        return claimed(org, job, query, "", 0);
    }

    private static BulkJobRow claimed(UUID org, UUID job, String query, String runner, long untilMs) {
        return new BulkJobRow(
                org, job, "RUNNING", "", "", "PAUSE", query, 1, 0, 0, "", "", "", "", 0, 0, 0, 0, 0, runner, untilMs,
                Map.of(), 1);
    }

    private BulkJobState state() {
        return states.get(JOB);
    }

    private void change(UnaryOperator<BulkJobState.Builder> how) {
        states.computeIfPresent(
                JOB, (same, state) -> how.apply(state.toBuilder()).build());
    }

    private void run() throws InterruptedException {
        run(LEASE);
    }

    private void run(Duration lease) throws InterruptedException {
        BulkRun run = new BulkRun(bulk, queries, new BulkJobKey(ORG, JOB), "node-1/a", lease, state());
        long next = 0;
        while (next != BulkRun.OVER) {
            next = run.turn();
        }
    }

    private BulkRunner runner(BulkJobRow... open) {
        return runner(LEASE, open);
    }

    private BulkRunner runner(Duration lease, BulkJobRow... open) {
        queries.openBulkJobs = List.of(open);
        return new BulkRunner(bulk, queries, "node-1", lease, DELIVERY);
    }

    private Map<UUID, Long> timesAsked() {
        return log.entries().stream()
                .filter(entry -> entry.command().hasPauseWorkflow())
                .collect(Collectors.groupingBy(
                        entry ->
                                Ids.fromBytes(entry.command().getPauseWorkflow().getExecutionId()),
                        Collectors.counting()));
    }

    private static Map<UUID, Long> eachOnce(LongStream created) {
        return created.boxed().collect(Collectors.toMap(BulkRunTest::item, ignored -> 1L));
    }

    /** The end of a claim is a time of its partition, whatever the time of day is here. */
    @Test
    void aJobOfAProcessThatIsSilentForALeaseIsTakenOverWhateverTheTimeOfDay() {
        found.add(110L);
        try (BulkRunner runner =
                runner(Duration.ofMillis(300), claimed(ORG, JOB, state().getQuery(), "node-2/a", Long.MAX_VALUE))) {
            completed.orTimeout(60, TimeUnit.SECONDS).join();
        }
    }

    @Test
    void aJobOfAnotherProcessIsNotAskedForBeforeItWasSilentForALease() {
        found.add(110L);
        UUID taken = new UUID(3, 5);
        states.put(taken, state());
        try (BulkRunner runner = runner(
                claimed(new UUID(1, 9), taken, state().getQuery(), "node-2/a", 1), row(ORG, JOB, state().getQuery()))) {
            completed.orTimeout(60, TimeUnit.SECONDS).join();
        }
        assertEquals(
                Set.of(JOB),
                log.entries().stream()
                        .filter(entry -> entry.command().hasClaimBulkJob())
                        .map(entry ->
                                Ids.fromBytes(entry.command().getClaimBulkJob().getJobId()))
                        .collect(Collectors.toSet()));
    }

    @Test
    void whatComesOnALaterPageThanBeforeIsNotAskedAgain() throws InterruptedException {
        found.addAll(List.of(110L, 120L, 130L, 140L, 150L));
        advancesAreLost = true;
        assertThrows(CompletionException.class, this::run);
        assertEquals(eachOnce(LongStream.of(110, 120, 130)), timesAsked());

        found.addAll(List.of(101L, 102L)); // so 120 and 130 come on the second page
        advancesAreLost = false;
        run();

        assertEquals(eachOnce(LongStream.of(101, 102, 110, 120, 130, 140, 150)), timesAsked());
        assertEquals("COMPLETED", state().getStatus());
        assertEquals(7, state().getDone());
    }

    @Test
    void whatComesOnAnEarlierPageThanBeforeIsNotAskedAgain() throws InterruptedException {
        found.addAll(List.of(110L, 120L, 130L, 140L, 150L, 160L, 170L));
        advancesAreLost = true;
        assertThrows(CompletionException.class, this::run);

        found.removeAll(List.of(110L, 120L)); // what was asked may leave by that
        advancesAreLost = false;
        run();

        assertEquals(eachOnce(LongStream.of(110, 120, 130, 140, 150, 160, 170)), timesAsked());
        assertEquals(7, state().getDone());
    }

    @Test
    void whatWasToldIsCountedOnAndOnlyTheRestIsTakenFromTheTrail() throws InterruptedException {
        found.addAll(List.of(110L, 120L, 130L, 140L, 150L, 160L, 170L));
        change(state ->
                state.setDone(1_000_000).setSkipped(5).setCursorMs(130).setCursorId(Ids.toByteString(item(130))));
        queries.bulkAsked.addAll(List.of(item(110), item(120), item(130), item(140)));

        run();

        assertEquals(eachOnce(LongStream.of(150, 160, 170)), timesAsked());
        assertEquals(1_000_004, state().getDone());
        assertEquals(5, state().getSkipped());
    }

    /** It waits while it renews its lease: that is when the last answer comes here. */
    @Test
    void aRunGivesUpOnlyWhenAllAnswersAreThere() {
        found.addAll(List.of(110L, 120L));
        CompletableFuture<ReplyRecord> late = new CompletableFuture<>();
        answers.add(CompletableFuture.failedFuture(new IllegalStateException("the log is away")));
        answers.add(late);
        log.answerBy(command -> {
            if (command.hasClaimBulkJob() && answers.isEmpty()) {
                late.complete(PAUSED);
            }
            return engine(command);
        });

        assertThrows(CompletionException.class, () -> run(Duration.ofMillis(300)));

        assertTrue(late.isDone());
    }

    @Test
    void nobodyAsksAgainBeforeAllThatWasSentIsKnown() throws Exception {
        found.add(110L);
        answers.add(CompletableFuture.failedFuture(new IllegalStateException("the log is away")));

        try (BulkRunner runner = runner(row(ORG, JOB, "status = PENDING"))) {
            kept.get(1, TimeUnit.MINUTES);
        }
    }

    @Test
    void whatThisVersionDoesNotKnowIsLeftToOthersAndCanBeStopped() throws InterruptedException {
        change(state -> state.setAction("POSTPONE"));
        assertThrows(BulkRun.UnknownWorkException.class, this::run);
        change(state -> state.setAction("PAUSE").setQuery("mood = good"));
        assertThrows(BulkRun.UnknownWorkException.class, this::run);
        assertTrue(log.entries().stream().noneMatch(entry -> entry.command().hasAdvanceBulkJob()));

        change(state -> state.setStatus("STOPPING"));
        run();
        assertEquals("STOPPED", state().getStatus());
    }

    @Test
    void whatThisVersionDoesNotKnowIsNotClaimed() throws Exception {
        UUID newer = new UUID(3, 5);
        found.add(110L);
        try (BulkRunner runner = runner(row(ORG, newer, "mood = good"), row(ORG, JOB, "status = PENDING"))) {
            completed.get(1, TimeUnit.MINUTES);
        }
        assertTrue(log.entries().stream()
                .filter(entry -> entry.command().hasClaimBulkJob())
                .allMatch(
                        entry -> Ids.fromBytes(entry.command().getClaimBulkJob().getJobId())
                                .equals(JOB)));
    }

    /** They would take a minute each, and hold all threads if one that waits for its rate held one. */
    @Test
    void jobsThatWaitForTheirRateHoldNobodyUp() throws Exception {
        LongStream.range(100, 160).forEach(found::add);
        log.answerBy(
                command -> command.hasPauseWorkflow() ? CompletableFuture.completedFuture(PAUSED) : engine(command));
        List<BulkJobRow> open = new ArrayList<>();
        for (long org = 10; org < 13; org++) {
            for (long number = 0; number < 2; number++) {
                UUID id = new UUID(org, number);
                states.put(id, job(1));
                open.add(row(new UUID(org, 0), id, "status = PENDING"));
            }
        }
        open.add(row(ORG, JOB, "status = PENDING"));

        try (BulkRunner runner = runner(open.toArray(BulkJobRow[]::new))) {
            completed.get(1, TimeUnit.MINUTES);
            assertTrue(states.entrySet().stream()
                    .filter(entry -> !entry.getKey().equals(JOB))
                    .allMatch(entry -> entry.getValue().getStatus().equals("RUNNING")));
        }
    }

    @Test
    void aTaskThatNobodyKnowsAnyMoreIsAnItemThatTheLogHas() {
        UUID task = new UUID(7, 8);
        Request request = new Request(
                        new Caller(ORG, "", Principal.getDefaultInstance(), ""), "bulk job", "", "ticket 4711")
                .of(JOB);
        BulkOrder order = new BulkOrder(
                new BulkJobKey(ORG, JOB), BulkWork.read("RETRY_TASKS", "left = 0", 0), request, 1, 0, Map.of());
        log.refuse(RefusalReason.NOT_FOUND, "expected a task");

        for (BulkAction action : List.of(BulkAction.RETRY_TASKS, BulkAction.CANCEL_TASKS)) {
            assertThrows(
                    CompletionException.class,
                    () -> bulk.carryOut(order, action, task).join());
            CommandRecord asked = log.entries().getLast().command();
            assertEquals(JOB, Ids.fromBytes(asked.getBulkJob()));
            assertEquals(
                    task,
                    Ids.fromBytes(
                            action == BulkAction.RETRY_TASKS
                                    ? asked.getRetryTask().getTaskId()
                                    : asked.getCancelTask().getTaskId()));
        }
    }
}

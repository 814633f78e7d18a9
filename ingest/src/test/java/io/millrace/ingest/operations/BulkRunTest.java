package io.millrace.ingest.operations;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.ingest.approvals.ApprovalSettings;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.ExecutionRow;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.standin.MemoryDirectory;
import io.millrace.ingest.standin.MemoryQueries;
import io.millrace.ingest.standin.MemoryReads;
import io.millrace.ingest.standin.ScriptedLog;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.Limits;
import io.millrace.proto.Ids;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.reads.TaskPlaces;
import io.millrace.proto.v1.AdvanceBulkJob;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ReplyRecord.BulkJobState;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one run asked and could not tell, the next one leaves out, wherever the query shows it by then. */
class BulkRunTest {

    private static final UUID ORG = new UUID(1, 2);
    private static final UUID JOB = new UUID(3, 4);
    private static final Duration LEASE = Duration.ofMinutes(1);

    /** Rows of a part of what the query finds. */
    private static final int PART = 3;

    private final ScriptedLog log = new ScriptedLog();
    private final MemoryQueries queries = new MemoryQueries();
    private final TreeSet<Long> found = new TreeSet<>();
    private BulkOperations bulk;

    /** What the engine has of the job. */
    private BulkJobState state = BulkJobState.newBuilder()
            .setStatus("RUNNING")
            .setAction("PAUSE")
            .setQuery("status = PENDING")
            .setRate(BulkOperations.MOST_RATE)
            .setReason("ticket 4711")
            .setRequestedBy("ann")
            .setBegunMs(1_000)
            .build();

    private boolean advancesAreLost;

    @BeforeEach
    void begin() {
        queries.executionParts = this::part;
        log.answerBy(this::engine);
        MemoryReads reads = new MemoryReads();
        Checks checks = new Checks(Limits.defaults(), false);
        CommandSender sender = new CommandSender(log);
        TaskOwners owners = new TaskOwners(new TaskPlaces(16), reads);
        ClosedExecutions closed = new ClosedExecutions(queries);
        ScopeGuard guard = new ScopeGuard(reads, queries, owners);
        StampedSettings settings = StampedSettings.defaults();
        IssuedKeys keys = IssuedKeys.follow(
                Access.development(), CommandMacs.OFF, new MemoryDirectory(), InstantSource.system());
        Approvals approvals =
                new Approvals(log, queries::approval, keys, ApprovalSettings.NONE, checks, Clock.systemUTC());
        bulk = new BulkOperations(
                sender,
                checks,
                queries,
                approvals,
                new WorkflowOperations(sender, checks, settings, reads, closed, guard, approvals),
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
        return Page.of(
                left.stream().limit(PART).map(BulkRunTest::row).toList(),
                row -> new Cursor(row.createdAtMs(), row.id()),
                left.size() > PART);
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
                false);
    }

    private CompletableFuture<ReplyRecord> engine(CommandRecord command) {
        if (command.hasPauseWorkflow()) {
            queries.bulkAsked.add(Ids.fromBytes(command.getPauseWorkflow().getExecutionId()));
            return CompletableFuture.completedFuture(ReplyRecord.newBuilder()
                    .setAccepted(ReplyRecord.Accepted.newBuilder().setChanged(true))
                    .build());
        }
        if (advancesAreLost) {
            return CompletableFuture.failedFuture(new IllegalStateException("the log is away"));
        }
        AdvanceBulkJob told = command.getAdvanceBulkJob();
        state = state.toBuilder()
                .setStatus(told.getLast() ? "COMPLETED" : "RUNNING")
                .setDone(told.getDone())
                .setRefused(told.getRefused())
                .setSkipped(told.getSkipped())
                .setCursorMs(told.getCursorMs())
                .setCursorId(told.getCursorId())
                .build();
        return CompletableFuture.completedFuture(
                ReplyRecord.newBuilder().setBulkJob(state).build());
    }

    private void run() throws InterruptedException {
        BulkJobRow row =
                new BulkJobRow(ORG, JOB, "RUNNING", "", "", "", "", 1, 0, 0, "", "", "", "", 0, 0, 0, 0, 0, "", 0);
        new BulkRun(bulk, queries, row, "node-1/a", LEASE, state).run();
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
        assertEquals("COMPLETED", state.getStatus());
        assertEquals(7, state.getDone());
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
        assertEquals(7, state.getDone());
    }
}

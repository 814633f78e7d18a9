package io.millrace.infra.readmodel;

import static io.millrace.infra.readmodel.Backends.awaitRows;
import static io.millrace.infra.readmodel.Backends.rows;
import static io.millrace.infra.readmodel.EventsTopic.completed;
import static io.millrace.infra.readmodel.EventsTopic.event;
import static io.millrace.infra.readmodel.EventsTopic.scheduled;
import static io.millrace.infra.readmodel.EventsTopic.started;
import static io.millrace.infra.readmodel.EventsTopic.task;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.Repository;
import io.millrace.ingest.operations.PayloadReads;
import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.queries.ReadModelLag;
import io.millrace.ingest.readmodel.ReadModelConfig;
import io.millrace.ingest.readmodel.ReadModelDatabase;
import io.millrace.ingest.readmodel.ReadModelProjector;
import io.millrace.ingest.readmodel.ReadModelRebuild;
import io.millrace.ingest.readmodel.RebuildRefusedException;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.RecordNote;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The projector and the rebuild on a real Kafka and a real PostgreSQL, with events as no dispatcher would make them, too. */
class ReadModelProjectorTest {

    private static final UUID ORG = UUID.randomUUID();
    private static final String INDEXES =
            "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1";

    private static Backends backends;
    private static EventsTopic topic;

    @BeforeAll
    static void start() throws Exception {
        backends = new Backends();
        topic = new EventsTopic(backends.kafka());
    }

    @AfterAll
    static void stop() {
        if (topic != null) {
            topic.close();
        }
        if (backends != null) {
            backends.close();
        }
    }

    /** A read model with one projector at work. */
    private record Running(ReadModelConfig config, ReadModelDatabase database, ReadModelProjector projector)
            implements AutoCloseable {

        static Running start() throws Exception {
            ReadModelConfig config = backends.newReadModel();
            return new Running(config, new ReadModelDatabase(config), follow(config));
        }

        @Override
        public void close() {
            projector.close();
            database.close();
        }
    }

    private static ReadModelProjector follow(ReadModelConfig config) {
        ReadModelProjector projector = new ReadModelProjector(config, Map.of());
        projector.start();
        return projector;
    }

    private static void awaitNoLag(ReadModelProjector projector) {
        Await.until("the projector to have all of the log", () -> {
            try {
                ReadModelLag lag = projector.lag(); // what other tests left on the topic may be passed over here
                return lag.records() == 0 && lag.millis() == 0;
            } catch (QueriesUnavailableException e) {
                return false; // not measured yet
            }
        });
    }

    /** A lag is of a moment ago, so it says nothing of what was written just now. */
    private static void awaitAllOfTheLog(ReadModelConfig config) {
        List<String> ends = backends.ends();
        Await.until(
                "all of the log in the read model",
                () -> rows(
                                config,
                                "SELECT partition_number || ':' || next_offset"
                                        + " FROM projector_offsets ORDER BY partition_number")
                        .equals(ends));
    }

    private static List<String> sortedRows(ReadModelConfig config, String sql) {
        return rows(config, sql).stream().sorted().toList();
    }

    private static String of(UUID id) {
        return " WHERE id = '" + id + "'";
    }

    @Test
    void eachEventLandsOnceWhoeverDiesWhen() throws Exception {
        Random random = new Random(7);
        try (Running first = Running.start()) {
            ReadModelConfig config = first.config();
            List<ReadModelProjector> projectors = new ArrayList<>(List.of(first.projector(), follow(config)));
            List<String> expected = new ArrayList<>();
            for (int round = 0; round < 60; round++) {
                int partition = random.nextInt(EventsTopic.SHARED);
                UUID id = UUID.randomUUID();
                topic.commit(partition, topic.outcome(started(ORG, id, "each", "q", "{}")), topic.refusal("each"));
                topic.abort(partition, topic.outcome(started(ORG, UUID.randomUUID(), "aborted", "q", "{}")));
                topic.commit(partition, topic.outcome(completed(ORG, id)));
                expected.add(id + " WORKFLOW_COMPLETED");
                expected.add(id + " WORKFLOW_STARTED");
                if (round % 12 == 5) {
                    rows(
                            config,
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                                    + " AND pid <> pg_backend_pid()");
                }
                if (round % 20 == 9) {
                    projectors.removeFirst().close();
                    projectors.add(follow(config));
                }
            }
            awaitAllOfTheLog(config);
            projectors.forEach(ReadModelProjector::close);

            assertEquals(
                    expected.stream().sorted().toList(),
                    sortedRows(
                            config,
                            "SELECT execution_id || ' ' || type FROM events WHERE execution_id IN"
                                    + " (SELECT id FROM workflow_executions WHERE kind = 'each')"));
            assertEquals(List.of("0"), rows(config, "SELECT count(*) FROM workflow_executions WHERE kind = 'aborted'"));
            assertEquals(List.of("60"), rows(config, "SELECT count(*) FROM audit_trail WHERE refusal = 'each'"));
        }
    }

    /** A projector that comes takes partitions from others that are in the midst of a batch. */
    @Test
    void whatIsReadWhileProjectorsComeLandsOnce() throws Exception {
        int each = 3_000;
        for (int partition = 0; partition < EventsTopic.SHARED; partition++) {
            for (int portion = 0; portion < 6; portion++) {
                List<OutcomeRecord> outcomes = new ArrayList<>();
                for (int i = 0; i < each / 6; i++) {
                    outcomes.add(topic.outcome(started(ORG, UUID.randomUUID(), "moved", "q", "{}")));
                }
                topic.commit(partition, outcomes.toArray(OutcomeRecord[]::new));
            }
        }
        ReadModelConfig config = backends.newReadModel();
        ReadModelDatabase database = new ReadModelDatabase(config);
        List<ReadModelProjector> projectors = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                projectors.add(follow(config));
            }
            awaitAllOfTheLog(config);
        } finally {
            projectors.forEach(ReadModelProjector::close);
            database.close();
        }

        assertEquals(
                List.of(each * EventsTopic.SHARED + " " + each * EventsTopic.SHARED),
                rows(
                        config,
                        "SELECT count(*) || ' ' || count(DISTINCT execution_id) FROM events WHERE execution_id IN"
                                + " (SELECT id FROM workflow_executions WHERE kind = 'moved')"));
    }

    @Test
    void aRebuildGivesTheSameRowsByteForByte() throws Exception {
        try (Running running = Running.start()) {
            for (int i = 0; i < 20; i++) {
                UUID id = UUID.randomUUID();
                UUID task = UUID.randomUUID();
                topic.commit(
                        i % EventsTopic.SHARED,
                        topic.outcome(started(ORG, id, "k" + i, "q", "{\"a\":\"1\",\"b\":\"2\"}")));
                topic.commit(
                        i % EventsTopic.SHARED,
                        topic.outcome(
                                scheduled(ORG, id, task, "t"),
                                task(
                                        ORG,
                                        id,
                                        task,
                                        "TASK_CLAIMED",
                                        ExecutionStatus.RUNNING,
                                        "{\"attempt\":1,\"workerId\":\"w\"}")));
                if (i % 2 == 0) {
                    awaitRows(running.config(), "SELECT status FROM task_executions" + of(task), "2");
                }
                topic.commit(
                        i % EventsTopic.SHARED,
                        topic.outcome(
                                task(ORG, id, task, "TASK_COMPLETED", ExecutionStatus.COMPLETED, "{\"output\":[1]}"),
                                completed(ORG, id)));
            }
            topic.commit(0, List.of(new byte[] {-1, -1}));
            awaitAllOfTheLog(running.config());
            running.projector().close();
            List<String> before = Backends.everything(running.config());

            ReadModelRebuild.Progress end = ReadModelRebuild.inPlace(running.config(), false, () -> {}, progress -> {});

            assertEquals(before, Backends.everything(running.config()));
            assertEquals(rows(running.config(), "SELECT count(*) FROM events"), List.of(String.valueOf(end.events())));
            assertEquals(end.ofRecords(), end.records());
            assertTrue(end.passedOver() >= 1);
        }
    }

    /** One row after the other, as lists see them, and then all at once, as a rebuild takes them in. */
    @Test
    void aDismissalCountsUntilSomethingMoreHappensHoweverTheLogIsCut() throws Exception {
        try (Running running = Running.start()) {
            int home = 1;
            UUID id = Shards.newId(home);
            // Workers make the ids of tasks, so they name any partition.
            UUID task = Shards.newId(home + 1);
            String ofTask =
                    "SELECT coalesce(dismissed_by || ': ' || dismiss_reason, 'nobody') FROM task_executions" + of(task);
            String ofWorkflow = "SELECT coalesce(dismissed_by, 'nobody') FROM workflow_executions" + of(id);
            topic.commit(
                    home,
                    topic.outcome(
                            started(ORG, id, "k", "q", "{}"),
                            scheduled(ORG, id, task, "t"),
                            task(ORG, id, task, "TASK_CLAIMED", ExecutionStatus.RUNNING, "{\"attempt\":1}"),
                            task(ORG, id, task, "TASK_FAILED", ExecutionStatus.FAILED, "{\"error\":\"e\"}")));
            awaitRows(running.config(), ofTask, "nobody");

            topic.note(home, ORG, id, task, "ann", dismissed(1));
            awaitRows(running.config(), ofTask, "ann: because ann says so");

            // Of an attempt that is none of the task's, of another organisation's, from another partition, and of
            // another workflow.
            topic.note(home, ORG, id, task, "bob", dismissed(2));
            topic.note(home, UUID.randomUUID(), id, task, "bob", dismissed(1));
            topic.note(home + 1, ORG, id, task, "bob", dismissed(1));
            topic.note(home, ORG, Shards.newId(home), task, "bob", dismissed(1));
            awaitAllOfTheLog(running.config());
            awaitRows(running.config(), ofTask, "ann: because ann says so");

            topic.commit(
                    home,
                    topic.outcome(task(ORG, id, task, "TASK_RETRIED", ExecutionStatus.PENDING, "{\"attempts\":1}")));
            awaitRows(running.config(), ofTask, "nobody");
            topic.note(home, ORG, id, task, "ann", dismissed(1));
            awaitRows(running.config(), ofTask, "ann: because ann says so");
            topic.commit(
                    home,
                    topic.outcome(task(ORG, id, task, "TASK_CLAIMED", ExecutionStatus.RUNNING, "{\"attempt\":2}")));
            awaitRows(running.config(), ofTask, "nobody");
            topic.note(home, ORG, id, task, "ann", dismissed(2));
            topic.commit(
                    home,
                    topic.outcome(task(ORG, id, task, "TASK_FAILED", ExecutionStatus.FAILED, "{\"error\":\"again\"}")));
            awaitAllOfTheLog(running.config());
            awaitRows(running.config(), ofTask, "nobody");
            topic.note(home, ORG, id, task, "cyd", dismissed(2));
            awaitRows(running.config(), ofTask, "cyd: because cyd says so");

            topic.commit(
                    home,
                    topic.outcome(event(ORG, id, 0, "WORK_CLAIMED", ExecutionStatus.RUNNING, "{\"delivery\":2}")));
            topic.note(home, ORG, id, null, "ann", dismissed(2));
            awaitRows(running.config(), ofWorkflow, "ann");
            topic.commit(
                    home,
                    topic.outcome(event(
                            ORG, id, 2, "WORKFLOW_EXECUTION_FAILED", ExecutionStatus.FAILED, "{\"error\":\"e\"}")));
            awaitRows(running.config(), ofWorkflow, "nobody");
            topic.note(home, ORG, id, null, "dan", dismissed(2));
            awaitRows(running.config(), ofWorkflow, "dan");

            running.projector().close();
            List<String> before = Backends.everything(running.config());
            ReadModelRebuild.inPlace(running.config(), false, () -> {}, progress -> {});
            assertEquals(before, Backends.everything(running.config()));
        }
    }

    private static RecordNote.Builder dismissed(int attempt) {
        return RecordNote.newBuilder().setKind("dead_letter_dismissed").putDetails("attempt", String.valueOf(attempt));
    }

    @Test
    void aRebuildIsRefusedWhileAProjectorIsAtWork() throws Exception {
        UUID id = UUID.randomUUID();
        try (Running running = Running.start()) {
            topic.commit(0, topic.outcome(started(ORG, id, "k", "q", "{}")));
            awaitRows(running.config(), "SELECT kind FROM workflow_executions" + of(id), "k");

            RebuildRefusedException refused = assertThrows(
                    RebuildRefusedException.class,
                    () -> ReadModelRebuild.inPlace(running.config(), false, () -> {}, progress -> {}));

            assertTrue(refused.getMessage().contains("but 1 at 127.0.0.1"), refused::getMessage);
            assertEquals(List.of("k"), rows(running.config(), "SELECT kind FROM workflow_executions" + of(id)));
        }
    }

    @Test
    void aRebuildBesideTakesThePlaceOfTheOldOneWhileProjectorsAndQueriesGoOn() throws Exception {
        UUID idle = UUID.randomUUID();
        try (Running running = Running.start();
                ReadModelProjector other = follow(running.config());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            topic.commit(0, topic.outcome(started(ORG, idle, "idle", "q", "{}")));
            awaitAllOfTheLog(running.config());
            backends.execute(running.config(), "UPDATE workflow_executions SET kind = 'forged'" + of(idle));
            List<String> indexes = rows(running.config(), INDEXES);
            assertTrue(indexes.size() > 20);
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Integer> writer = CompletableFuture.supplyAsync(
                    () -> {
                        int written = 0;
                        for (; !over.get(); written++) {
                            topic.commit(1, topic.outcome(started(ORG, UUID.randomUUID(), "meanwhile", "q", "{}")));
                        }
                        return written;
                    },
                    threads);
            CompletableFuture<Integer> reader =
                    CompletableFuture.supplyAsync(() -> readOnOneConnection(running.config(), of(idle), over), threads);

            try {
                for (int round = 0; round < 3; round++) {
                    ReadModelRebuild.Progress end =
                            ReadModelRebuild.beside(running.config(), false, () -> {}, progress -> {});
                    assertEquals(end.ofRecords(), end.records());
                }

                assertEquals(
                        List.of("idle"), rows(running.config(), "SELECT kind FROM workflow_executions" + of(idle)));
                assertEquals(indexes, rows(running.config(), INDEXES));
            } finally {
                over.set(true);
            }
            int written = writer.join();
            assertTrue(written > 0);
            assertTrue(reader.join() > 0);
            UUID last = UUID.randomUUID();
            topic.commit(0, topic.outcome(started(ORG, last, "last", "q", "{}")));
            awaitAllOfTheLog(running.config());
            awaitRows(running.config(), "SELECT kind FROM workflow_executions" + of(last), "last");
            assertEquals(
                    List.of(String.valueOf(written)),
                    rows(running.config(), "SELECT count(*) FROM workflow_executions WHERE kind = 'meanwhile'"));
            other.close();
            running.projector().close();
            List<String> followed = Backends.everything(running.config());
            ReadModelRebuild.inPlace(running.config(), false, () -> {}, progress -> {});
            assertEquals(Backends.everything(running.config()), followed);
            assertEquals(
                    List.of("0"),
                    rows(
                            running.config(),
                            "SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'millrace%'"));
        }
    }

    /** @return how often; each time the row was there. The driver prepares the statement at the server after some times */
    private static int readOnOneConnection(ReadModelConfig config, String where, AtomicBoolean over) {
        try (Connection connection = Backends.connect(config);
                PreparedStatement select =
                        connection.prepareStatement("SELECT kind FROM workflow_executions" + where)) {
            int reads = 0;
            for (; !over.get(); reads++) {
                try (ResultSet row = select.executeQuery()) {
                    assertTrue(row.next());
                }
            }
            return reads;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRebuildBesideLeavesTablesInUseThatAnotherBuildHasChangedMeanwhile() throws Exception {
        ReadModelConfig config = backends.newReadModel();
        new ReadModelDatabase(config).close();
        topic.commit(0, topic.outcome(started(ORG, UUID.randomUUID(), "k", "q", "{}")));
        AtomicBoolean upgraded = new AtomicBoolean();

        RebuildRefusedException refused = assertThrows(
                RebuildRefusedException.class,
                () -> ReadModelRebuild.beside(config, false, () -> {}, progress -> {
                    if (upgraded.compareAndSet(false, true)) {
                        ofTomorrow(config);
                    }
                }));

        assertTrue(
                refused.getMessage().contains("a node of another build has changed them meanwhile"),
                refused::getMessage);
        assertEquals(List.of("1"), rows(config, "SELECT count(*) FROM flyway_schema_history WHERE version = '1000'"));
        assertEquals(
                List.of("0"),
                rows(config, "SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 'millrace%'"));
    }

    private static void ofTomorrow(ReadModelConfig config) {
        try {
            backends.execute(
                    config,
                    "INSERT INTO flyway_schema_history SELECT 1000, '1000', 'of tomorrow', type, script, checksum, installed_by,"
                            + " installed_on, execution_time, success FROM flyway_schema_history WHERE installed_rank = 1");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRebuildBesideIsRefusedWhileAnotherRunsAndWhereTheTablesAreOfAnotherBuild() throws Exception {
        ReadModelConfig config = backends.newReadModel();
        new ReadModelDatabase(config).close();
        List<String> refusals = new ArrayList<>();
        ReadModelRebuild.beside(
                config,
                false,
                () -> refusals.add(assertThrows(
                                RebuildRefusedException.class,
                                () -> ReadModelRebuild.beside(config, false, () -> {}, progress -> {}))
                        .getMessage()),
                progress -> {});

        assertEquals(
                List.of("expected no other rebuild of this read model, but one is under way; wait for its end"),
                refusals);
        ofTomorrow(config);
        RebuildRefusedException refused = assertThrows(
                RebuildRefusedException.class,
                () -> ReadModelRebuild.beside(
                        config,
                        false,
                        () -> {
                            throw new AssertionError("expected to be refused before");
                        },
                        progress -> {}));
        assertTrue(
                refused.getMessage().contains("of this build, but they are those of version 1000;"),
                refused::getMessage);
    }

    @Test
    void aProjectorWaitsForTheEndOfARebuild() throws Exception {
        ReadModelConfig config = backends.newReadModel();
        new ReadModelDatabase(config).close();
        UUID before = UUID.randomUUID();
        topic.commit(0, topic.outcome(started(ORG, before, "k", "q", "{}")));
        List<ReadModelProjector> projectors = new ArrayList<>();
        try {
            ReadModelRebuild.inPlace(config, false, () -> {}, progress -> {
                if (projectors.isEmpty()) {
                    projectors.add(follow(config));
                }
            });
            UUID after = UUID.randomUUID();
            topic.commit(0, topic.outcome(started(ORG, after, "k", "q", "{}")));
            awaitRows(config, "SELECT kind FROM workflow_executions" + of(after), "k");
            assertEquals(List.of("k"), rows(config, "SELECT kind FROM workflow_executions" + of(before)));
        } finally {
            projectors.forEach(ReadModelProjector::close);
        }
    }

    @Test
    void whatMakesNoSenseIsNotedAndPassedOver() throws Exception {
        try (Running running = Running.start()) {
            UUID before = UUID.randomUUID();
            UUID after = UUID.randomUUID();
            UUID poison = UUID.randomUUID();
            List<byte[]> values = new ArrayList<>();
            values.add(topic.sealed(1, topic.outcome(started(ORG, before, "k", "q", "{}"))));
            values.add("no outcome at all".getBytes(StandardCharsets.UTF_8));
            values.add(topic.sealed(
                    1,
                    topic.outcome(event(ORG, poison, 1, "WORKFLOW_STARTED", ExecutionStatus.PENDING, "{\"kind\":"))));
            values.add(topic.sealed(
                    1,
                    topic.outcome(event(
                            ORG,
                            poison,
                            1,
                            "WORKFLOW_STARTED",
                            ExecutionStatus.PENDING,
                            "{\"parentExecutionId\":\"mother\"}"))));
            values.add(topic.sealed(1, topic.outcome(started(ORG, poison, "k", "q", "{\"number\":1}"))));
            values.add(topic.sealed(1, topic.outcome(started(ORG, poison, longKind(), "q", "{}"))));
            values.add(topic.sealed(1, topic.outcome(started(ORG, after, "k", "q", "{}"))));
            topic.commit(1, values);
            awaitRows(running.config(), "SELECT kind FROM workflow_executions" + of(after), "k");

            assertEquals(List.of("k"), rows(running.config(), "SELECT kind FROM workflow_executions" + of(before)));
            assertEquals(List.of(), rows(running.config(), "SELECT kind FROM workflow_executions" + of(poison)));
            assertTrue(Integer.parseInt(rows(running.config(), "SELECT count(*) FROM projection_failures")
                            .getFirst())
                    >= 5);
            awaitAllOfTheLog(running.config());
            running.projector().close();
            List<String> followed = Backends.everything(running.config());
            ReadModelRebuild.inPlace(running.config(), false, () -> {}, progress -> {});
            assertEquals(followed, Backends.everything(running.config()));
        }
    }

    /** Who reads a list may be noted, and a console would ask again for the sake of its own note. */
    @Test
    void whatOnlyTheTrailTellsOfChangesNoList() throws Exception {
        try (Running running = Running.start()) {
            String counted = "SELECT list_changes FROM projector_offsets WHERE partition_number = 2";
            UUID id = UUID.randomUUID();
            topic.commit(2, topic.outcome(started(ORG, id, "k", "q", "{}")));
            awaitAllOfTheLog(running.config());
            long before = Long.parseLong(rows(running.config(), counted).getFirst());
            assertTrue(before > 0, "a start changes lists");

            topic.commit(2, topic.refusal("no such job"));
            topic.note(2, ORG, id, null, "reader", RecordNote.newBuilder().setKind(PayloadReads.KIND));
            awaitAllOfTheLog(running.config());
            assertEquals(List.of(String.valueOf(before)), rows(running.config(), counted));

            topic.note(2, ORG, id, null, "looker", RecordNote.newBuilder().setKind(Dismissal.NOTE));
            awaitAllOfTheLog(running.config());
            assertEquals(List.of(String.valueOf(before + 1)), rows(running.config(), counted));
        }
    }

    /** Too long for an index of PostgreSQL, and without repetition that it could compress. */
    private static String longKind() {
        StringBuilder kind = new StringBuilder();
        new Random(1).ints(20_000, 'a', 'z').forEach(kind::appendCodePoint);
        return kind.toString();
    }

    @Test
    void textsThatPostgresCannotHoldAreTakenInWithAReplacement() throws Exception {
        try (Running running = Running.start()) {
            UUID id = UUID.randomUUID();
            topic.commit(2, topic.outcome(started(ORG, id, "a\\u0000b\\ud800c", "q", "{\"k\":\"\\u0000\\\\u0000\"}")));
            awaitRows(running.config(), "SELECT kind FROM workflow_executions" + of(id), "a\ufffdb\ufffdc");
            assertEquals(
                    List.of("\ufffd\\u0000"),
                    rows(running.config(), "SELECT metadata->>'k' FROM workflow_executions" + of(id)));
        }
    }

    @Test
    void organisationsThatUseTheSameIdKeepTheirOwnRows() throws Exception {
        try (Running running = Running.start()) {
            UUID id = UUID.randomUUID();
            UUID task = UUID.randomUUID();
            UUID other = UUID.randomUUID();
            topic.commit(0, topic.outcome(started(ORG, id, "mine", "q", "{}"), scheduled(ORG, id, task, "mine")));
            topic.commit(
                    0, topic.outcome(started(other, id, "theirs", "q", "{}"), scheduled(other, id, task, "theirs")));
            topic.commit(0, topic.outcome(completed(other, id)));
            awaitRows(
                    running.config(),
                    "SELECT kind || status FROM workflow_executions" + of(id) + " ORDER BY 1",
                    "mine1",
                    "theirs4");
            assertEquals(
                    List.of("mine", "theirs"),
                    rows(running.config(), "SELECT kind FROM task_executions" + of(task) + " ORDER BY 1"));
        }
    }

    @Test
    void anExecutionThatComesBackUnderItsIdBeginsAnewAndLeavesOthersAlone() throws Exception {
        try (Running running = Running.start()) {
            UUID id = UUID.randomUUID();
            UUID task = UUID.randomUUID();
            UUID other = UUID.randomUUID();
            topic.commit(
                    0,
                    topic.outcome(started(ORG, id, "first", "q", "{\"a\":\"1\"}"), scheduled(ORG, id, task, "first")));
            topic.commit(0, topic.outcome(completed(ORG, id)));
            awaitRows(running.config(), "SELECT kind || status FROM workflow_executions" + of(id), "first4");
            topic.commit(
                    0,
                    topic.outcome(started(ORG, other, "other", "q", "{}")),
                    topic.outcome(started(ORG, id, "second", "q", "{}"), scheduled(ORG, id, task, "second")));
            awaitRows(
                    running.config(),
                    "SELECT kind || status || ' ' || coalesce(metadata::text, '-')"
                            + " || coalesce(output::text, '-') || closed_at_ms FROM workflow_executions" + of(id),
                    "second1 --0");
            assertEquals(List.of("other"), rows(running.config(), "SELECT kind FROM workflow_executions" + of(other)));
            assertEquals(List.of("second"), rows(running.config(), "SELECT kind FROM task_executions" + of(task)));
        }
    }

    @Test
    void eventsOfAnExecutionThatCameTogetherLieTogether() throws Exception {
        try (Running running = Running.start()) {
            UUID id = UUID.randomUUID();
            UUID other = UUID.randomUUID();
            topic.commit(
                    1,
                    topic.outcome(started(ORG, id, "k", "q", "{}"), started(ORG, other, "k", "q", "{}")),
                    topic.outcome(note(id, 2), note(other, 2), note(id, 3)));
            String of = " WHERE execution_id = '" + id + "' ORDER BY 1";
            awaitRows(
                    running.config(),
                    "SELECT chain_sequence || type FROM events" + of,
                    "1WORKFLOW_STARTED",
                    "2NOTED",
                    "3NOTED");
            assertEquals(
                    List.of("1: 3"),
                    rows(
                            running.config(),
                            "SELECT first_chain_sequence || ': ' || cardinality(types) FROM event_runs" + of));
        }
    }

    /** More than is read at once, and more than lies in one piece of memory until it is written. */
    @Test
    void whatComesTogetherIsWrittenOnceHoweverMuchItIs() throws Exception {
        try (Running running = Running.start()) {
            UUID id = UUID.randomUUID();
            UUID large = UUID.randomUUID();
            String text = "\"" + "x".repeat(100_000) + "\"";
            List<OutcomeRecord> outcomes = new ArrayList<>();
            outcomes.add(topic.outcome(started(ORG, id, "k", "q", "{}")));
            for (int i = 0; i < 600; i++) {
                outcomes.add(topic.refusal("refusal " + "y".repeat(200) + i));
            }
            outcomes.add(topic.outcome(note(id, 2), completed(ORG, id)));
            topic.commit(2, outcomes.toArray(OutcomeRecord[]::new));
            topic.commit(
                    1,
                    topic.outcome(
                            started(ORG, large, "k", "q", "{\"text\":" + text + "}"),
                            event(ORG, large, 2, "NOTED", ExecutionStatus.PENDING, "{\"a\":" + text + "}"),
                            event(ORG, large, 3, "NO\0TED", ExecutionStatus.PENDING, "{}"),
                            event(ORG, large, 4, "NOTED", ExecutionStatus.PENDING, "{\"b\":" + text + "}")));
            awaitAllOfTheLog(running.config());

            String events =
                    "SELECT chain_sequence || ' ' || type || ' ' || length(data) FROM events WHERE execution_id = '";
            assertEquals(
                    List.of("1 WORKFLOW_STARTED", "2 NOTED", "3 WORKFLOW_COMPLETED"),
                    rows(running.config(), events + id + "' ORDER BY 1").stream()
                            .map(row -> row.substring(0, row.lastIndexOf(' ')))
                            .toList());
            assertEquals(
                    List.of("3"),
                    rows(
                            running.config(),
                            "SELECT cardinality(types) FROM event_runs WHERE execution_id = '" + id + "'"));
            assertEquals(
                    List.of("2 NOTED 100008", "3 NO\ufffdTED 2", "4 NOTED 100008"),
                    rows(running.config(), events + large + "' ORDER BY 1").stream()
                            .skip(1)
                            .toList());
            assertEquals(
                    List.of("600"),
                    rows(
                            running.config(),
                            "SELECT count(DISTINCT refusal) FROM audit_trail WHERE refusal LIKE 'refusal y%'"));
        }
    }

    /** Little is kept of what has ended, so it has to be found again. */
    @Test
    void whatComesBehindAnEndGoesOnWithWhatWasBefore() throws Exception {
        try (Running running = Running.start()) {
            int home = 1;
            UUID id = Shards.newId(home);
            topic.commit(home, topic.outcome(started(ORG, id, "k", "q", "{}")), topic.outcome(completed(ORG, id)));
            awaitRows(running.config(), "SELECT status FROM workflow_executions" + of(id), "4");
            awaitAllOfTheLog(running.config());

            topic.commit(home, topic.outcome(note(id, 3)), topic.outcome(note(id, 4)));
            topic.note(home, ORG, id, null, "ann", dismissed(0));
            awaitAllOfTheLog(running.config());

            assertEquals(
                    List.of("1WORKFLOW_STARTED", "2WORKFLOW_COMPLETED", "3NOTED", "4NOTED"),
                    rows(
                            running.config(),
                            "SELECT chain_sequence || type FROM events WHERE execution_id = '" + id + "' ORDER BY 1"));
            assertEquals(
                    List.of("k q"),
                    rows(
                            running.config(),
                            "SELECT kind || ' ' || queue FROM audit_trail WHERE command = 'record_note' AND execution_id = '"
                                    + id + "'"));
            assertEquals(List.of("0"), rows(running.config(), "SELECT count(*) FROM log_breaks"));
        }
    }

    private static EventRecord.Builder note(UUID execution, int sequence) {
        return event(ORG, execution, sequence, "NOTED", ExecutionStatus.PENDING, "{}");
    }

    @Test
    void aSchemaOfRowsForEachEventIsBroughtUpToDateWithAllThatIsInIt() throws Exception {
        ReadModelConfig config = backends.newReadModel();
        Flyway.configure()
                .dataSource(config.jdbcUrl(), config.user(), config.password())
                .locations("classpath:db/migration")
                .target("2")
                .load()
                .migrate();
        // Three executions and a partition's own events; the chain of the second has a gap.
        backends.execute(
                config,
                "INSERT INTO events SELECT 0, n, 0, '" + ORG + "', CASE WHEN n % 4 > 0 THEN"
                        + " ('00000000-0000-0000-0000-00000000000' || n % 4)::uuid END, CASE WHEN n % 3 = 0 THEN '"
                        + ORG + "'::uuid END,"
                        + " n % 5, n / 4 + CASE WHEN n % 4 = 2 AND n > 50 THEN 7 ELSE 0 END, 'T' || n, decode(md5(n::text), 'hex'), n,"
                        + " decode(md5('h' || n), 'hex'), md5('c' || n)::uuid FROM generate_series(1, 99) n");
        backends.execute(
                config,
                "INSERT INTO workflow_executions VALUES ('" + ORG + "', '" + ORG
                        + "', 'k', 'q', 1, '1', '{}', null, null, null, 0, '', null, null, 1, 0, 1)");
        String all = "SELECT row(partition_number, event_offset, org_id, execution_id, task_id, history_sequence,"
                + " chain_sequence, type, data, time_ms, hash, command_id)::text FROM events ORDER BY 1";
        List<String> before = rows(config, all);

        // The next version begins anew from the log.
        Flyway.configure()
                .dataSource(config.jdbcUrl(), config.user(), config.password())
                .locations("classpath:db/migration")
                .target("4")
                .load()
                .migrate();

        assertEquals(99, before.size());
        assertEquals(before, rows(config, all));
        assertEquals(List.of("5"), rows(config, "SELECT count(*) FROM event_runs"));
        assertEquals(List.of("1"), rows(config, "SELECT count(*) FROM workflow_executions WHERE metadata IS NULL"));
    }

    @Test
    void theReferenceNamesEveryTableAndColumn() throws Exception {
        ReadModelConfig config = backends.newReadModel();
        new ReadModelDatabase(config).close();
        List<String> described = new ArrayList<>();
        String table = "";
        for (String line : Files.readAllLines(Repository.file("docs/reference/read-model.md"))) {
            String[] parts = line.split("`");
            if (line.startsWith("## `")) {
                table = parts[1];
            } else if (line.startsWith("| `")) {
                described.add(table + " " + parts[1] + " " + parts[3]);
            }
        }
        described.sort(null);

        assertEquals(
                sortedRows(
                        config,
                        "SELECT c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, null)"
                                + " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind IN ('r', 'v')"
                                + " AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"
                                + " AND c.relname <> 'flyway_schema_history'"),
                described);
    }

    @Test
    void theLagIsUnknownUntilMeasuredAndNothingAtTheEndOfTheLog() throws Exception {
        ReadModelConfig config = backends.newReadModel();
        try (ReadModelDatabase database = new ReadModelDatabase(config);
                ReadModelProjector projector = new ReadModelProjector(config, Map.of())) {
            assertThrows(QueriesUnavailableException.class, projector::lag);
            // The log ends with markers that are no records, and with records that nobody may see.
            topic.commit(0, topic.refusal("no"));
            topic.abort(0, topic.refusal("never"));
            projector.start();
            awaitNoLag(projector);
        }
    }

    @Test
    void whatWasDeletedFromTheLogIsNotedAndPassedOver() throws Exception {
        UUID id = UUID.randomUUID();
        topic.commit(EventsTopic.LOSSY, topic.refusal("one"), topic.refusal("two"));
        backends.deleteRecords(EventsTopic.LOSSY);
        topic.commit(EventsTopic.LOSSY, topic.outcome(started(ORG, id, "k", "q", "{}")));
        try (Running running = Running.start()) {
            awaitRows(running.config(), "SELECT kind FROM workflow_executions" + of(id), "k");
            assertEquals(
                    List.of("0"),
                    rows(
                            running.config(),
                            "SELECT event_offset FROM projection_failures WHERE partition_number = "
                                    + EventsTopic.LOSSY));
        }
    }

    @Test
    void aDatabaseThatIsAheadOfTheLogIsLeftAloneUntilItIsRebuilt() throws Exception {
        UUID id = UUID.randomUUID();
        topic.commit(1, topic.outcome(started(ORG, id, "k", "q", "{}")));
        ReadModelConfig config = backends.newReadModel();
        new ReadModelDatabase(config).close();
        backends.execute(config, "INSERT INTO projector_offsets VALUES (1, 1000000)");
        try (ReadModelProjector projector = follow(config)) {
            awaitRows(config, "SELECT count(*) FROM projector_offsets", String.valueOf(EventsTopic.PARTITIONS));
            assertThrows(QueriesUnavailableException.class, projector::lag);
        }
        assertEquals(
                List.of("1000000"),
                rows(config, "SELECT next_offset FROM projector_offsets WHERE partition_number = 1"));
        ReadModelRebuild.inPlace(config, false, () -> {}, progress -> {});
        assertEquals(List.of("k"), rows(config, "SELECT kind FROM workflow_executions" + of(id)));
    }
}

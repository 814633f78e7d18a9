package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.audit.trail.Anchor;
import io.millrace.ingest.audit.trail.Asked;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.audit.trail.Work;
import io.millrace.ingest.queries.Dismissal;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Subject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rows of the outcomes that go into one transaction. A record that makes no sense is noted and passed over. One thread. */
final class Batch {

    private static final Logger LOG = LoggerFactory.getLogger(Batch.class);

    private final EventRuns events = new EventRuns();
    private final TrailRows trail = new TrailRows();
    private final PendingRows pending = new PendingRows();
    private final BreakRows breaks = new BreakRows();
    private final BinaryCopy failures =
            new BinaryCopy("projection_failures", "partition_number", "event_offset", "error");
    private final ExecutionRows executions = new ExecutionRows();
    private final TaskRows tasks = new TaskRows();
    private final ScheduleRows schedules = new ScheduleRows();
    private final BulkJobRows bulkJobs = new BulkJobRows();
    private final SavedQueryRows savedQueries = new SavedQueryRows();
    private final DismissalRows dismissals;
    private final List<String> complaints = new ArrayList<>();
    private final Map<Integer, Long> failureCounts = new HashMap<>();
    private final Map<Integer, Long> listChanges = new HashMap<>();
    /** What was read of the events of the record that is being added. */
    private final IdentityHashMap<EventRecord, JsonFields> dataOfEvents = new IdentityHashMap<>();

    private final KnownWork.Of work;
    private final Set<BreakRows.Hole> known;
    private final int partitions;
    private final Map<Integer, Place> places = new HashMap<>();
    private int records;

    /**
     * Where a partition stands behind the records of the batch.
     *
     * @param last offset of the last of them
     * @param untilMs time of the newest, milliseconds since the epoch
     * @param anchor what the next one has to continue, null for nothing
     */
    record Place(long last, long untilMs, @Nullable Anchor anchor) {}

    /**
     * @param known holes of which the server's log has told
     * @param partitions how many the log has
     */
    Batch(Set<BreakRows.Hole> known, int partitions) {
        this.known = known;
        this.partitions = partitions;
        this.work = new KnownWork.Of(partitions);
        this.dismissals = new DismissalRows(partitions);
    }

    /** Adds all of what one record says, or notes that it cannot be read or is not to be believed. */
    void add(Checked checked) {
        Incoming record = checked.record();
        Place before = places.get(record.partition());
        places.put(
                record.partition(),
                new Place(
                        record.offset(),
                        before == null ? record.timestamp() : Math.max(before.untilMs(), record.timestamp()),
                        checked.after()));
        records++;
        if (record.fault() != null) {
            passOver(record.partition(), record.offset(), record.fault());
            return;
        }
        if (checked.broken() != null) {
            listChanges.merge(record.partition(), 1L, Long::sum);
            boolean isNew = breaks.add(record.partition(), record.offset(), outcome(record), checked.broken());
            Long hole = checked.broken().hole();
            if (!isNew || hole != null && known.contains(new BreakRows.Hole(record.partition(), hole))) {
                return;
            }
            complaints.add(
                    "did not take in the outcome at offset " + record.offset() + " of partition " + record.partition()
                            + ", which does not fit the log before it: "
                            + checked.broken().kind() + ", "
                            + checked.broken().text());
            return;
        }
        List<Runnable> rows = new ArrayList<>();
        try {
            read(checked, rows);
        } catch (RuntimeException e) {
            passOver(record.partition(), record.offset(), e);
            return;
        }
        rows.forEach(Runnable::run);
    }

    /**
     * Of one record, whose rows the database refuses.
     *
     * @return what takes its place: it is noted and passed over
     */
    Batch passedOver(Exception why) {
        Batch batch = new Batch(known, partitions);
        batch.places.putAll(places);
        batch.records = records;
        places.forEach((partition, place) -> batch.passOver(partition, place.last(), why));
        return batch;
    }

    /** @return records that were added */
    int records() {
        return records;
    }

    /** @return by partition, of those that records were added of */
    Map<Integer, Place> places() {
        return places;
    }

    /** Notes a record that cannot be taken in. */
    private void passOver(int partition, long offset, Exception why) {
        note(partition, offset, String.valueOf(why.getMessage()));
        listChanges.merge(partition, 1L, Long::sum);
        // The text may quote the payload, so only the table has it.
        complaints.add("passed over the outcome at offset " + offset + " of partition " + partition
                + ", which cannot be taken in: " + why.getClass().getSimpleName() + "; projection_failures says more");
    }

    /** Says in the log what was passed over; to be called once, when the rows are committed. */
    void complain() {
        complaints.forEach(LOG::error);
    }

    /** Notes what is missing from some offset on. */
    void note(int partition, long offset, String why) {
        failures.row();
        failures.integer(partition);
        failures.bigint(offset);
        failures.text(Texts.clean(why));
        failureCounts.merge(partition, 1L, Long::sum);
    }

    /** @return holes behind which it has outcomes */
    Set<BreakRows.Hole> holes() {
        return breaks.holes();
    }

    /** Tells what began, once the rows are committed. */
    void tell(KnownWork known) {
        known.written(work);
    }

    /** @return events that were added */
    int events() {
        return events.events();
    }

    /** @return records that were passed over */
    long failures() {
        return failureCounts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** @return records of the partition that were passed over */
    long failures(int partition) {
        return failureCounts.getOrDefault(partition, 0L);
    }

    /**
     * @return records of the partition that changed a list. What only the trail tells of does not count: who reads a list may be noted, and
     *     would be told of a change by having asked
     */
    long listChanges(int partition) {
        return listChanges.getOrDefault(partition, 0L);
    }

    private static boolean changesLists(TrailEntry entry) {
        return !entry.events().isEmpty()
                || entry.details().containsKey(Asked.BULK_ITEM)
                || entry.outcome().equals(TrailEntry.DONE)
                        && (Dismissal.NOTE.equals(entry.request())
                                || entry.details().containsKey(Asked.APPROVAL));
    }

    /** @return outcomes that are not believed */
    long breaks() {
        return breaks.count();
    }

    /** @return outcomes of the partition that are not believed */
    long breaks(int partition) {
        return breaks.count(partition);
    }

    private void take(TrailEntry entry) {
        trail.add(entry);
        pending.add(entry);
    }

    private static OutcomeRecord outcome(Incoming record) {
        return Objects.requireNonNull(record.outcome(), "outcome of a record that could be read");
    }

    /** Whatever can fail does so here, before the first row is added. */
    private void read(Checked checked, List<Runnable> rows) {
        int partition = checked.record().partition();
        long offset = checked.record().offset();
        OutcomeRecord outcome = outcome(checked.record());
        dataOfEvents.clear();
        // Without its command little is known of it: the log had lost that when the partition began.
        Asked asked = checked.asked() == null ? Asked.NOTHING : checked.asked();
        UUID commandId = outcome.getEventsCount() == 0 ? null : Ids.fromBytes(outcome.getCommandId());
        for (int index = 0; index < outcome.getEventsCount(); index++) {
            EventRecord record = outcome.getEvents(index);
            UUID orgId = Ids.fromBytes(record.getOrgId());
            UUID executionId = Ids.fromBytesOrNull(record.getExecutionId());
            UUID taskId = Ids.fromBytesOrNull(record.getTaskId());
            rows.add(() -> events.add(partition, offset, commandId, orgId, executionId, taskId, record));
            if (taskId != null) {
                rows.add(task(new RowKey(orgId, taskId), executionId, record));
            }
            if (record.getType().startsWith(ScheduleRows.TYPES)) {
                rows.add(schedules.read(orgId, offset, index, record));
            }
            if (record.getType().startsWith(SavedQueryRows.TYPES)) {
                rows.add(savedQueries.read(orgId, record));
            }
            if (record.getType().equals(BulkJobRows.TYPE)) {
                rows.add(bulkJobs.read(orgId, record));
            }
            if (record.getSubject() == Subject.WORKFLOW_EXECUTION) {
                rows.add(workflow(new RowKey(orgId, Ids.fromBytes(record.getExecutionId())), record));
            }
        }
        // Behind what began with the outcome itself.
        List<TrailEntry> entries = TrailEntry.of(partition, offset, outcome, asked, this::data);
        if (entries.stream().anyMatch(Batch::changesLists)) {
            rows.add(() -> listChanges.merge(partition, 1L, Long::sum));
        }
        for (TrailEntry entry : entries) {
            rows.add(() -> {
                work.comes(entry).ifPresent(this::take);
                dismissals.add(entry);
            });
        }
    }

    private Runnable workflow(RowKey key, EventRecord record) {
        int status = record.getStatusValue();
        int sequence = record.getHistorySequence();
        return switch (record.getType()) {
            case "WORKFLOW_STARTED" -> {
                JsonFields data = data(record);
                ExecutionRows.Start start = new ExecutionRows.Start(
                        text(data, "kind"),
                        text(data, "queue"),
                        text(data, "workflowVersion"),
                        Texts.jsonOrNull(data.texts("metadata")),
                        textOrNull(data, "idempotencyKey"),
                        data.text("parentExecutionId").map(UUID::fromString).orElse(null),
                        textOrNull(data, "childExecutionName"),
                        data.smallInteger("prioritySeconds").orElse(0),
                        data.text("resetFrom").map(UUID::fromString).orElse(null),
                        data.payload("input"),
                        record.getTimeMs());
                yield () -> {
                    executions.start(key, start, status, sequence);
                    dismissals.clear(false, key);
                    work.begins(new Work.Key(key.orgId(), false, key.id()), new Work(start.queue(), start.kind()));
                };
            }
            case "WORK_CLAIMED" -> {
                JsonFields data = data(record);
                String worker = textOrNull(data, "workerId");
                int delivery = data.smallInteger("delivery").orElse(0);
                yield () -> {
                    executions.claim(key, status, worker, delivery, record.getTimeMs());
                    dismissals.clear(false, key);
                };
            }
            case "WORKFLOW_COMPLETED" -> close(key, record, data(record).payload("output"), null, null);
            // Behind another end they only tell clients that look for nothing else.
            case "WORKFLOW_EXECUTION_FAILED", "WORKFLOW_FAILED" ->
                record.getStatus() != ExecutionStatus.FAILED
                        ? () -> executions.change(key, status, sequence)
                        : close(key, record, null, text(data(record), "error"), null);
            case "WORKFLOW_CANCELLED" -> {
                JsonFields data = data(record);
                yield close(key, record, null, text(data, "reason"), textOrNull(data, "terminatedBy"));
            }
            case "WORKFLOW_ANNOTATED" -> {
                JsonFields data = data(record);
                ExecutionRows.Annotation annotation =
                        new ExecutionRows.Annotation(text(data, "text"), text(data, "requestedBy"), record.getTimeMs());
                yield () -> executions.annotate(key, status, annotation);
            }
            case "WORKFLOW_RESET" -> {
                UUID resetTo = UUID.fromString(text(data(record), "newExecutionId"));
                yield () -> executions.reset(key, status, resetTo);
            }
            case "WORKFLOW_CONTINUED_AS_NEW" -> {
                UUID newId = UUID.fromString(text(data(record), "newExecutionId"));
                Runnable closed = close(key, record, null, null, null);
                yield () -> {
                    closed.run();
                    executions.reset(key, status, newId);
                };
            }
            default -> {
                // For events about a task the status is the task's; the workflow's follows with its next own event.
                boolean own = record.getTaskId().isEmpty();
                yield () -> executions.change(key, own ? status : null, sequence);
            }
        };
    }

    private Runnable close(
            RowKey key,
            EventRecord record,
            @Nullable ByteString output,
            @Nullable String error,
            @Nullable String terminatedBy) {
        return () -> {
            executions.close(
                    key,
                    record.getStatusValue(),
                    record.getHistorySequence(),
                    output,
                    error,
                    terminatedBy,
                    record.getTimeMs());
            dismissals.clear(false, key);
            work.ends(new Work.Key(key.orgId(), false, key.id()));
        };
    }

    private Runnable task(RowKey key, @Nullable UUID executionId, EventRecord record) {
        int status = record.getStatusValue();
        if (record.getType().equals("TASK_SCHEDULED") || record.getType().equals("TASK_SUBMITTED")) {
            JsonFields data = data(record);
            boolean standalone = record.getSubject() == Subject.TASK_EXECUTION;
            TaskRows.Creation creation = new TaskRows.Creation(
                    standalone ? null : executionId,
                    text(data, "kind"),
                    text(data, "queue"),
                    data.smallInteger("maxRetries").orElse(0),
                    Texts.jsonOrNull(data.texts("metadata")),
                    data.payload("input"),
                    textOrNull(data, "idempotencyKey"),
                    record.getTimeMs());
            return () -> {
                tasks.create(key, creation, status);
                dismissals.clear(true, key);
                work.begins(new Work.Key(key.orgId(), true, key.id()), new Work(creation.queue(), creation.kind()));
            };
        }
        long timeMs = record.getTimeMs();
        // What is none of these gives nobody anything to look at: signs of life, a lease that ended.
        TaskRows.Change change = switch (record.getType()) {
            case "TASK_CLAIMED" -> {
                JsonFields data = data(record);
                yield new TaskRows.Change(
                        status,
                        data.smallInteger("attempt").orElse(null),
                        null,
                        textOrNull(data, "workerId"),
                        timeMs,
                        null,
                        null,
                        null);
            }
            case "TASK_COMPLETED" ->
                new TaskRows.Change(status, null, null, null, null, data(record).payload("output"), null, timeMs);
            case "TASK_FAILED" ->
                new TaskRows.Change(status, null, null, null, null, null, text(data(record), "error"), timeMs);
            case "TASK_CANCELLED" ->
                new TaskRows.Change(status, null, null, null, null, null, text(data(record), "reason"), timeMs);
            case "TASK_ATTEMPT_FAILED" ->
                new TaskRows.Change(status, null, null, null, null, null, text(data(record), "error"), null);
            // It is open again, if it had ended.
            case "TASK_RETRIED" ->
                new TaskRows.Change(
                        status, null, data(record).smallInteger("attempts").orElse(0), null, null, null, null, 0L);
            default -> null;
        };
        if (change == null) {
            return () -> tasks.change(key, TaskRows.Change.of(status));
        }
        return () -> {
            tasks.changeAnew(key, change);
            dismissals.clear(true, key);
            if (change.completedAtMs() != null && change.completedAtMs() > 0) {
                work.ends(new Work.Key(key.orgId(), true, key.id()));
            }
        };
    }

    /** Only of events whose data enter a row, and once: there are many, and each is a JSON text. */
    private JsonFields data(EventRecord record) {
        return dataOfEvents.computeIfAbsent(record, event -> JsonFields.parse(event.getData()));
    }

    private static String text(JsonFields data, String field) {
        return Texts.clean(data.text(field).orElse(""));
    }

    private static @Nullable String textOrNull(JsonFields data, String field) {
        return Texts.cleanOrNull(data.text(field).orElse(null));
    }

    /**
     * Sends all rows.
     *
     * @param known queues and kinds of what began before
     */
    void write(Connection connection, KnownWork known) throws SQLException {
        known.complete(connection, work).forEach(this::take);
        events.write(connection);
        executions.write(connection);
        tasks.write(connection);
        schedules.write(connection);
        bulkJobs.write(connection);
        savedQueries.write(connection);
        dismissals.write(connection);
        trail.write(connection);
        pending.write(connection);
        breaks.write(connection);
        failures.write(connection);
    }
}

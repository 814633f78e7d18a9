package io.millrace.ingest.readmodel;

import io.millrace.ingest.readmodel.BinaryCopy.ElementType;
import io.millrace.proto.v1.EventRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Events of a batch. Those of an execution that follow each other without a gap are one row, since rows and their
 * places in an index are what a database is slow at. The view {@code events} shows them one by one. One thread.
 */
final class EventRuns {

    /** A run is broken off when its events hold so many bytes, so that rows stay of a size that can be handled. */
    private static final int RUN_BYTES = 1 << 20;

    private final Map<Place, Run> open = new LinkedHashMap<>();
    private final List<Run> runs = new ArrayList<>();
    private int events;

    private record Place(
            int partition, UUID orgId, @Nullable UUID executionId) {}

    private record Entry(
            long offset, @Nullable UUID commandId, @Nullable UUID taskId, EventRecord event) {}

    private static final class Run {
        private final Place place;
        private final List<Entry> entries = new ArrayList<>(4);
        private int bytes;

        Run(Place place) {
            this.place = place;
        }

        long first() {
            return entries.getFirst().event().getChainSequence();
        }

        boolean isContinuedBy(EventRecord event) {
            return bytes < RUN_BYTES && event.getChainSequence() == first() + entries.size();
        }

        void add(Entry entry) {
            entries.add(entry);
            bytes += entry.event().getData().size();
        }
    }

    /** Adds an event; ids that it has not are null. */
    void add(
            int partition,
            long offset,
            @Nullable UUID commandId,
            UUID orgId,
            @Nullable UUID executionId,
            @Nullable UUID taskId,
            EventRecord event) {
        Place place = new Place(partition, orgId, executionId);
        Run run = open.get(place);
        if (run == null || !run.isContinuedBy(event)) {
            run = new Run(place);
            open.put(place, run);
            runs.add(run);
        }
        run.add(new Entry(offset, commandId, taskId, event));
        events++;
    }

    /** @return events that were added */
    int events() {
        return events;
    }

    /** Sends all rows. */
    void write(Connection connection) throws SQLException {
        BinaryCopy copy = new BinaryCopy(
                "event_runs",
                "partition_number",
                "org_id",
                "execution_id",
                "first_chain_sequence",
                "event_offsets",
                "command_ids",
                "task_ids",
                "history_sequences",
                "types",
                "data",
                "times_ms",
                "hashes");
        for (Run run : runs) {
            List<Entry> entries = run.entries;
            copy.row();
            copy.integer(run.place.partition());
            copy.uuid(run.place.orgId());
            copy.uuid(run.place.executionId());
            copy.bigint(run.first());
            copy.array(ElementType.INT8, entries, entry -> copy.bigint(entry.offset()));
            copy.array(ElementType.UUID, entries, entry -> copy.uuid(entry.commandId()));
            copy.array(ElementType.UUID, entries, entry -> copy.uuid(entry.taskId()));
            copy.array(
                    ElementType.INT4,
                    entries,
                    entry -> copy.integer(entry.event().getHistorySequence()));
            copy.array(
                    ElementType.TEXT,
                    entries,
                    entry -> copy.text(Texts.clean(entry.event().getType())));
            copy.array(
                    ElementType.BYTEA,
                    entries,
                    entry -> copy.bytea(entry.event().getData()));
            copy.array(
                    ElementType.INT8,
                    entries,
                    entry -> copy.bigint(entry.event().getTimeMs()));
            copy.array(
                    ElementType.BYTEA,
                    entries,
                    entry -> copy.bytea(entry.event().getHash()));
        }
        copy.write(connection);
    }
}

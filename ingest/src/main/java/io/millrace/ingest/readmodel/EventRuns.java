package io.millrace.ingest.readmodel;

import io.millrace.ingest.readmodel.BinaryCopy.ElementType;
import io.millrace.proto.v1.EventRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
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
    private final EventBytes stored = new EventBytes();
    private int events;

    private record Place(
            int partition, UUID orgId, @Nullable UUID executionId) {}

    private static final class Run {
        private final Place place;
        private final long first;
        private long[] events = new long[4];
        private int count;
        private int bytes;

        Run(Place place, long first) {
            this.place = place;
            this.first = first;
        }

        boolean isContinuedBy(EventRecord event) {
            return bytes < RUN_BYTES && event.getChainSequence() == first + count;
        }

        void add(long event, int size) {
            if (count == events.length) {
                events = Arrays.copyOf(events, 2 * count);
            }
            events[count++] = event;
            bytes += size;
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
            run = new Run(place, event.getChainSequence());
            open.put(place, run);
            runs.add(run);
        }
        run.add(stored.add(offset, commandId, taskId, event), event.getData().size());
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
        copy.write(connection, runs, run -> row(copy, run));
    }

    private void row(BinaryCopy copy, Run run) {
        int count = run.count;
        long[] of = run.events;
        copy.row();
        copy.integer(run.place.partition());
        copy.uuid(run.place.orgId());
        copy.uuid(run.place.executionId());
        copy.bigint(run.first);
        copy.array(ElementType.INT8, count, i -> copy.bigint(stored.offset(of[i])));
        copy.array(ElementType.UUID, count, i -> copy.uuid(stored.commandId(of[i])));
        copy.array(ElementType.UUID, count, i -> copy.uuid(stored.taskId(of[i])));
        copy.array(ElementType.INT4, count, i -> copy.integer(stored.historySequence(of[i])));
        copy.array(ElementType.TEXT, count, i -> stored.type(of[i], copy));
        copy.array(ElementType.BYTEA, count, i -> stored.data(of[i], copy));
        copy.array(ElementType.INT8, count, i -> copy.bigint(stored.timeMs(of[i])));
        copy.array(ElementType.BYTEA, count, i -> stored.hash(of[i], copy));
    }
}

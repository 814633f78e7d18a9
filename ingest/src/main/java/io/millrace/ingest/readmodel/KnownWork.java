package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.audit.trail.Work;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Queues and kinds of executions and tasks as the database has them, for entries of the trail whose commands name none. They stand
 * in the database since the events of the log by which they began, and never change. Kept are those asked for last, unless they have
 * ended: of these little more is said. One thread.
 */
final class KnownWork {

    private static final int KEPT = 50_000;
    private static final List<String> TYPES = List.of("uuid", "uuid");
    private static final String OF_EXECUTIONS = select("workflow_executions");
    private static final String OF_TASKS = select("task_executions");

    private final Map<Work.Key, Work> kept = new LinkedHashMap<>(1_024, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Work.Key, Work> eldest) {
            return size() > KEPT;
        }
    };

    private static String select(String table) {
        return "SELECT t.org_id, t.id, t.queue, t.kind FROM " + ColumnArrays.unnest(TYPES) + " AS k (org_id, id)"
                + " JOIN " + table + " t ON t.org_id = k.org_id AND t.id = k.id";
    }

    /** What began and ended in a batch, in the order of the log, and entries that wait for what the database has. */
    static final class Of {
        private final int partitions;
        private final Map<Work.Key, Work> begun = new HashMap<>();
        private final Set<Work.Key> ended = new HashSet<>();
        private final List<TrailEntry> entries = new ArrayList<>();

        /** @param partitions how many the log has */
        Of(int partitions) {
            this.partitions = partitions;
        }

        /** Something begins: from here on this is its queue and kind. */
        void begins(Work.Key key, Work work) {
            begun.put(key, work);
            ended.remove(key);
        }

        /** Something has ended. */
        void ends(Work.Key key) {
            ended.add(key);
        }

        /**
         * An entry comes, behind what has begun so far.
         *
         * @return it as it is to be written; empty if it waits for {@link #complete}
         */
        Optional<TrailEntry> comes(TrailEntry entry) {
            if (entry.lacksWorkOf(partitions).isEmpty()) {
                return Optional.of(entry);
            }
            Optional<TrailEntry> complete = first(entry, begun, partitions).map(entry::with);
            if (complete.isEmpty()) {
                entries.add(entry);
            }
            return complete;
        }
    }

    /**
     * @param connection on which nothing of the batch is written yet
     * @return the entries that waited, complete as far as that is known
     */
    List<TrailEntry> complete(Connection connection, Of batch) throws SQLException {
        Map<Work.Key, Work> found = new HashMap<>();
        Set<Work.Key> wanted = new HashSet<>();
        for (TrailEntry entry : batch.entries) {
            for (Work.Key key : entry.lacksWorkOf(batch.partitions)) {
                Work known = kept.get(key);
                if (known == null) {
                    wanted.add(key);
                } else {
                    found.put(key, known);
                }
            }
        }
        read(connection, OF_EXECUTIONS, false, wanted, found);
        read(connection, OF_TASKS, true, wanted, found);
        return batch.entries.stream()
                .map(entry ->
                        first(entry, found, batch.partitions).map(entry::with).orElse(entry))
                .toList();
    }

    /** Forgets what the database had: somebody else may have written to it. */
    void forget() {
        kept.clear();
    }

    /** The batch is written. */
    void written(Of batch) {
        batch.begun.forEach((key, work) -> {
            if (!batch.ended.contains(key)) {
                kept.put(key, work);
            }
        });
        batch.ended.forEach(kept::remove);
    }

    private static Optional<Work> first(TrailEntry entry, Map<Work.Key, Work> known, int partitions) {
        return entry.lacksWorkOf(partitions).stream()
                .map(known::get)
                .filter(Objects::nonNull)
                .findFirst();
    }

    private void read(
            Connection connection, String sql, boolean tasks, Collection<Work.Key> wanted, Map<Work.Key, Work> found)
            throws SQLException {
        ColumnArrays keys = new ColumnArrays(TYPES);
        wanted.stream().filter(key -> key.task() == tasks).forEach(key -> keys.row(key.orgId(), key.id()));
        keys.read(connection, sql, row -> {
            Work.Key key = new Work.Key(row.getObject(1, UUID.class), tasks, row.getObject(2, UUID.class));
            Work work = new Work(row.getString(3), row.getString(4));
            found.put(key, work);
            kept.put(key, work);
        });
    }
}

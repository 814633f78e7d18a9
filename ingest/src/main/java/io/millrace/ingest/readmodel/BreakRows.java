package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.Break;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Outcomes that are not believed, and the executions that they name, each of them once. Behind a hole in the log no
 * outcome is believed until somebody has looked, so of those only the first one stands here. One thread.
 */
final class BreakRows {

    /** Executions noted of one outcome, at the most: whoever forges it may name as many as he likes. */
    private static final int MOST_EXECUTIONS = 1_000;

    private static final List<String> EXECUTION_TYPES = List.of("uuid", "uuid", "int4", "int8");
    private static final String MARK =
            "INSERT INTO broken_executions (org_id, execution_id, partition_number, event_offset)"
                    + " SELECT * FROM " + ColumnArrays.unnest(EXECUTION_TYPES)
                    + " AS n (org_id, execution_id, partition_number, event_offset)"
                    + " WHERE NOT EXISTS (SELECT FROM broken_executions b WHERE b.org_id = n.org_id"
                    + " AND b.execution_id = n.execution_id AND b.partition_number = n.partition_number)";

    private static final List<String> BREAK_TYPES = List.of("int4", "int8", "text", "text", "int8");
    private static final String NOTE =
            "INSERT INTO log_breaks (partition_number, event_offset, kind, explanation, hole)"
                    + " SELECT * FROM " + ColumnArrays.unnest(BREAK_TYPES)
                    + " AS n (partition_number, event_offset, kind, explanation, hole)"
                    + " WHERE n.hole IS NULL OR NOT EXISTS (SELECT FROM log_breaks b"
                    + " WHERE b.partition_number = n.partition_number AND b.hole = n.hole)";

    private final ColumnArrays breaks = new ColumnArrays(BREAK_TYPES);
    private final Set<Hole> holes = new HashSet<>();
    private final ColumnArrays executions = new ColumnArrays(EXECUTION_TYPES);
    private final Set<Marked> marked = new HashSet<>();
    private final Map<Integer, Long> counts = new HashMap<>();

    /** Where the log does not go on. */
    record Hole(int partition, long command) {}

    private record Marked(int partition, RowKey execution) {}

    /** @return whether there is something to say of it that was not said of those before */
    boolean add(int partition, long offset, OutcomeRecord outcome, Break why) {
        boolean isNew = why.hole() == null || holes.add(new Hole(partition, why.hole()));
        if (isNew) {
            breaks.row(partition, offset, why.kind().name(), Texts.clean(why.text()), why.hole());
        }
        Set<RowKey> named = new LinkedHashSet<>();
        for (EventRecord event : outcome.getEventsList()) {
            if (event.getOrgId().size() == 16
                    && event.getExecutionId().size() == 16
                    && named.size() < MOST_EXECUTIONS) {
                named.add(new RowKey(Ids.fromBytes(event.getOrgId()), Ids.fromBytes(event.getExecutionId())));
            }
        }
        for (RowKey key : named) {
            if (marked.add(new Marked(partition, key))) {
                executions.row(key.orgId(), key.id(), partition, offset);
            }
        }
        counts.merge(partition, 1L, Long::sum);
        return isNew;
    }

    /** @return holes behind which outcomes stand that were added */
    Set<Hole> holes() {
        return holes;
    }

    /** @return outcomes that were added */
    long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** @return outcomes of the partition that were added */
    long count(int partition) {
        return counts.getOrDefault(partition, 0L);
    }

    void write(Connection connection) throws SQLException {
        breaks.write(connection, NOTE);
        executions.write(connection, MARK);
    }
}

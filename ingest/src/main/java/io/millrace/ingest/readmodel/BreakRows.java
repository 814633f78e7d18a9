package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.Break;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Outcomes that are not believed, and the executions that they name. One thread. */
final class BreakRows {

    /** Executions noted of one outcome, at the most: whoever forges it may name as many as he likes. */
    private static final int MOST_EXECUTIONS = 1_000;

    private final BinaryCopy breaks = new BinaryCopy("log_breaks", "partition_number", "event_offset", "kind", "explanation");
    private final BinaryCopy executions =
            new BinaryCopy("broken_executions", "org_id", "execution_id", "partition_number", "event_offset");
    private final Map<Integer, Long> counts = new HashMap<>();

    void add(int partition, long offset, OutcomeRecord outcome, Break why) {
        breaks.row();
        breaks.integer(partition);
        breaks.bigint(offset);
        breaks.text(why.kind().name());
        breaks.text(Texts.clean(why.text()));
        Set<RowKey> named = new LinkedHashSet<>();
        for (EventRecord event : outcome.getEventsList()) {
            if (event.getOrgId().size() == 16 && event.getExecutionId().size() == 16 && named.size() < MOST_EXECUTIONS) {
                named.add(new RowKey(Ids.fromBytes(event.getOrgId()), Ids.fromBytes(event.getExecutionId())));
            }
        }
        for (RowKey key : named) {
            executions.row();
            executions.uuid(key.orgId());
            executions.uuid(key.id());
            executions.integer(partition);
            executions.bigint(offset);
        }
        counts.merge(partition, 1L, Long::sum);
    }

    /** @return breaks that were added */
    long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** @return breaks of the partition that were added */
    long count(int partition) {
        return counts.getOrDefault(partition, 0L);
    }

    void write(Connection connection) throws SQLException {
        breaks.write(connection);
        executions.write(connection);
    }
}

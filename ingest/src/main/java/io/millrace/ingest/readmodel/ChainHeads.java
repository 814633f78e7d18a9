package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.audit.trail.ChainHead;
import io.millrace.ingest.audit.trail.ChainKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Looks up where the chains of executions end in the database. */
final class ChainHeads {

    private static final List<String> TYPES = List.of("uuid", "uuid");
    /** An id may have come back after its execution had left the dispatcher: its newest chain counts. */
    private static final String LAST = "SELECT k.org_id, k.id, r.first_chain_sequence + cardinality(r.types) - 1,"
            + " r.hashes[cardinality(r.hashes)] FROM " + ColumnArrays.unnest(TYPES) + " AS k (org_id, id),"
            + " LATERAL (SELECT * FROM event_runs e WHERE e.execution_id = k.id AND e.org_id = k.org_id"
            + " ORDER BY e.event_offsets[1] DESC, e.first_chain_sequence DESC LIMIT 1) r";

    private ChainHeads() {}

    /** @return the last event of each that has any */
    static Map<ChainKey, ChainHead> of(Connection connection, Collection<ChainKey> keys) throws SQLException {
        Map<ChainKey, ChainHead> heads = new HashMap<>();
        ColumnArrays wanted = new ColumnArrays(TYPES);
        keys.forEach(key -> wanted.row(key.orgId(), key.executionId()));
        wanted.read(
                connection,
                LAST,
                row -> heads.put(
                        new ChainKey(row.getObject(1, UUID.class), row.getObject(2, UUID.class)),
                        new ChainHead(row.getLong(3), ByteString.copyFrom(row.getBytes(4)))));
        return heads;
    }
}

package io.millrace.ingest.readmodel;

import io.millrace.ingest.validation.JsonFields;
import io.millrace.proto.v1.EventRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Queries that have names, as they stand after a batch: what was said of a name last counts. One thread. */
final class SavedQueryRows {

    /** What the types of all events of saved queries begin with. */
    static final String TYPES = "QUERY_";

    private static final List<String> ROW = List.of("uuid", "text", "text", "text", "text", "text", "int8", "int8");
    private static final List<String> KEY = List.of("uuid", "text");
    private static final String SAVE = "INSERT INTO saved_queries (org_id, name, subject, query, about, saved_by,"
            + " saved_at_ms, version) SELECT * FROM " + ColumnArrays.unnest(ROW)
            + " ON CONFLICT (org_id, name) DO UPDATE SET subject = excluded.subject, query = excluded.query,"
            + " about = excluded.about, saved_by = excluded.saved_by, saved_at_ms = excluded.saved_at_ms,"
            + " version = excluded.version";
    private static final String DELETE = "DELETE FROM saved_queries q USING " + ColumnArrays.unnest(KEY)
            + " AS n (org_id, name) WHERE q.org_id = n.org_id AND q.name = n.name";

    private record Key(UUID orgId, String name) {}

    /** Empty: there is none any more. */
    private final Map<Key, Optional<Object[]>> rows = new LinkedHashMap<>();

    /** Reads all of the event first: what cannot be read fails here. */
    Runnable read(UUID orgId, EventRecord record) {
        JsonFields data = JsonFields.parse(record.getData());
        Key key = new Key(orgId, text(data, "name"));
        if (record.getType().equals("QUERY_DELETED")) {
            return () -> rows.put(key, Optional.empty());
        }
        Object[] row = {
            orgId,
            key.name(),
            text(data, "subject"),
            text(data, "query"),
            text(data, "about"),
            text(data, "savedBy"),
            record.getTimeMs(),
            data.integer("version").orElse(0L)
        };
        return () -> rows.put(key, Optional.of(row));
    }

    private static String text(JsonFields data, String field) {
        return Texts.clean(data.text(field).orElse(""));
    }

    void write(Connection connection) throws SQLException {
        ColumnArrays saved = new ColumnArrays(ROW);
        ColumnArrays deleted = new ColumnArrays(KEY);
        rows.forEach((key, row) -> row.ifPresentOrElse(saved::row, () -> deleted.row(key.orgId(), key.name())));
        deleted.write(connection, DELETE);
        saved.write(connection, SAVE);
    }
}

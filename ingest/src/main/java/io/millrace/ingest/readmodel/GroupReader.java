package io.millrace.ingest.readmodel;

import io.millrace.ingest.queries.Counts;
import io.millrace.ingest.queries.Grouping;
import io.millrace.ingest.search.Subject;
import io.millrace.proto.v1.ExecutionStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Asks how many executions or tasks there are of each status, kind or queue, and which kinds and queues there are. */
final class GroupReader {

    private static final int VALUES_LOOKED_AT = 1_000;
    private static final int VALUES_TOLD = 20;

    private GroupReader() {}

    static Counts counts(Connection connection, SearchColumns columns, Where where, Grouping by) throws SQLException {
        String column = column(by);
        // The sum of all groups, also of those that are not told.
        String sql = "SELECT " + column + ", count(*), sum(count(*)) OVER () FROM " + columns.table() + " WHERE "
                + where.sql() + " GROUP BY " + column + " ORDER BY 2 DESC, 1 LIMIT " + Counts.MAX_GROUPS;
        try (PreparedStatement select = Select.prepare(connection, sql, where);
                ResultSet row = select.executeQuery()) {
            List<Counts.Group> groups = new ArrayList<>();
            long total = 0;
            while (row.next()) {
                String value = by == Grouping.STATUS
                        ? ExecutionStatus.forNumber(row.getInt(1)).name()
                        : row.getString(1);
                groups.add(new Counts.Group(value, row.getLong(2)));
                total = row.getLong(3);
            }
            return new Counts(total, groups);
        }
    }

    private static String column(Grouping by) {
        return switch (by) {
            case STATUS -> "status";
            case KIND -> "kind";
            case QUEUE -> "queue";
        };
    }

    /** @return values of the field that begin with these letters, whether large or small */
    static List<String> values(Connection connection, UUID orgId, Subject subject, Grouping field, String begin)
            throws SQLException {
        String table = SearchColumns.of(subject).table();
        String column = column(field);
        // From value to value by the index, for the rows of one value may be many.
        String next = "(SELECT " + column + " FROM " + table + " WHERE org_id = ?%s ORDER BY " + column + " LIMIT 1)";
        String sql = "WITH RECURSIVE every AS (" + next.formatted("") + " UNION ALL SELECT "
                + next.formatted(" AND " + column + " > every." + column) + " FROM every WHERE every." + column
                + " IS NOT NULL) SELECT " + column + " FROM (SELECT * FROM every LIMIT " + VALUES_LOOKED_AT
                + ") AS found WHERE starts_with(lower(" + column + "), lower(?)) LIMIT " + VALUES_TOLD;
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setQueryTimeout(Questions.LIMIT_SECONDS);
            select.setObject(1, orgId);
            select.setObject(2, orgId);
            select.setString(3, Texts.clean(begin));
            return Select.all(select, row -> row.getString(1));
        }
    }
}

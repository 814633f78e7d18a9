package io.millrace.ingest.readmodel;

import com.google.protobuf.ByteString;
import io.millrace.ingest.queries.Cursor;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.queries.PageRequest;
import io.millrace.ingest.search.SortOrder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Asks for one row, for all, or for a part of a list. */
final class Select {

    private Select() {}

    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** A part of a list of executions or tasks, in the order that was asked for. */
    static <T> Page<T> list(
            Connection connection,
            String columns,
            SearchColumns fields,
            Where where,
            SortOrder order,
            PageRequest page,
            RowReader<T> reader)
            throws SQLException {
        String place = fields.of(order.field()).sql();
        String direction = order.descending() ? " DESC" : " ASC";
        Cursor after = page.after();
        if (after != null) {
            where.and("(" + place + ", id) " + (order.descending() ? "<" : ">") + " (?, ?)", after.value(), after.id());
        }
        String sql = BoundedRows.select(
                columns + ", " + place + " AS place",
                fields.table() + " WHERE " + where.sql(),
                place + direction + ", id" + direction,
                "place" + direction + ", id" + direction,
                fields.bytes(),
                page.limit());
        String name = order.isUsual() ? "" : order.name();
        return page(
                connection,
                sql,
                where,
                page.limit(),
                reader,
                (row, item) -> new Cursor(name, row.getLong("place"), row.getObject("id", UUID.class)));
    }

    @FunctionalInterface
    interface Place<T> {
        Cursor of(ResultSet row, T item) throws SQLException;
    }

    /** @param sql made by {@link BoundedRows} */
    static <T> Page<T> page(
            Connection connection, String sql, Where where, int limit, RowReader<T> reader, Place<T> place)
            throws SQLException {
        try (PreparedStatement select = prepare(connection, sql, where);
                ResultSet row = select.executeQuery()) {
            List<Page.Row<T>> rows = new ArrayList<>();
            long found = 0;
            while (rows.size() < limit && row.next()) {
                T item = reader.read(row);
                rows.add(new Page.Row<>(item, place.of(row, item)));
                found = row.getLong(BoundedRows.FOUND);
            }
            return new Page<>(rows, found > rows.size());
        }
    }

    static <T> Optional<T> one(Connection connection, String columns, String table, Where where, RowReader<T> reader)
            throws SQLException {
        try (PreparedStatement select =
                        prepare(connection, "SELECT " + columns + " FROM " + table + " WHERE " + where.sql(), where);
                ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(reader.read(row)) : Optional.empty();
        }
    }

    static <T> List<T> all(PreparedStatement select, RowReader<T> reader) throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            List<T> all = new ArrayList<>();
            while (row.next()) {
                all.add(reader.read(row));
            }
            return all;
        }
    }

    /** @return a statement that may take only so long, with the values of its condition */
    static PreparedStatement prepare(Connection connection, String sql, Where where) throws SQLException {
        PreparedStatement select = connection.prepareStatement(sql);
        select.setQueryTimeout(Questions.LIMIT_SECONDS);
        where.set(select);
        return select;
    }

    /** @return what the column holds; nothing where that is null */
    static ByteString bytes(ResultSet row, String column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return bytes == null ? ByteString.EMPTY : ByteString.copyFrom(bytes);
    }
}

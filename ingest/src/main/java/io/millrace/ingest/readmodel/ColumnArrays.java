package io.millrace.ingest.readmodel;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows turned into one array for each column, so that one statement with {@code unnest} writes them all. The statement
 * names the types too, in the same order. One thread.
 */
final class ColumnArrays {

    private final List<String> types;
    private final List<List<Object>> columns = new ArrayList<>();
    private int rows;

    /** @param types of the columns: uuid, text, int4, int8, bytea or bool */
    ColumnArrays(List<String> types) {
        this.types = types;
        types.forEach(type -> columns.add(new ArrayList<>()));
    }

    /** @return {@code unnest(?::uuid[], …)} for these types */
    static String unnest(List<String> types) {
        return "unnest("
                + String.join(
                        ", ", types.stream().map(type -> "?::" + type + "[]").toList()) + ")";
    }

    /** Adds a row; null stands for NULL. */
    void row(@Nullable Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException("expected " + columns.size() + " values, but got " + values.length);
        }
        for (int i = 0; i < values.length; i++) {
            columns.get(i).add(values[i]);
        }
        rows++;
    }

    /**
     * Runs the statement over the rows, if there are any.
     *
     * @return rows that it changed
     */
    int write(Connection connection, String sql) throws SQLException {
        return rows == 0 ? 0 : run(connection, sql, PreparedStatement::executeUpdate);
    }

    /**
     * Runs the query over the rows, if there are any.
     *
     * @param reader gets each row of the answer
     */
    void read(Connection connection, String sql, Reader reader) throws SQLException {
        if (rows > 0) {
            run(connection, sql, statement -> {
                try (ResultSet row = statement.executeQuery()) {
                    int read = 0;
                    while (row.next()) {
                        reader.read(row);
                        read++;
                    }
                    return read;
                }
            });
        }
    }

    /** Takes a row of an answer. */
    @FunctionalInterface
    interface Reader {
        void read(ResultSet row) throws SQLException;
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(PreparedStatement statement) throws SQLException;
    }

    private <T> T run(Connection connection, String sql, Work<T> work) throws SQLException {
        List<Array> arrays = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < types.size(); i++) {
                Array array = connection.createArrayOf(types.get(i), typed(types.get(i), columns.get(i)));
                arrays.add(array);
                statement.setArray(i + 1, array);
            }
            return work.on(statement);
        } finally {
            for (Array array : arrays) {
                array.free();
            }
        }
    }

    /** The driver sends arrays of these classes in binary form. */
    private static Object[] typed(String type, List<Object> values) {
        return switch (type) {
            case "uuid" -> values.toArray(new UUID[0]);
            case "text" -> values.toArray(new String[0]);
            case "int4" -> values.toArray(new Integer[0]);
            case "int8" -> values.toArray(new Long[0]);
            case "bool" -> values.toArray(new Boolean[0]);
            case "bytea" -> values.toArray(new byte[0][]);
            default -> throw new IllegalArgumentException("expected a known column type, but got " + type);
        };
    }
}

package io.millrace.ingest.readmodel;

import io.millrace.proto.v1.ExecutionStatus;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Conditions of a query with their values, in order. One thread. */
final class Where {

    private final StringBuilder sql = new StringBuilder();
    private final List<Object> values = new ArrayList<>();

    Where(String condition, Object value) {
        sql.append(condition);
        values.add(value);
    }

    Where and(String condition, Object... more) {
        sql.append(" AND ").append(condition);
        values.addAll(List.of(more));
        return this;
    }

    /** Does nothing for null. */
    void equal(String column, @Nullable UUID value) {
        if (value != null) {
            and(column + " = ?", value);
        }
    }

    /** Does nothing for null. */
    void equal(String column, @Nullable String value) {
        if (value != null) {
            and(column + " = ?", Texts.clean(value));
        }
    }

    /** Does nothing for null. */
    void status(@Nullable ExecutionStatus status) {
        if (status != null) {
            and("status = ?", status.getNumber());
        }
    }

    /** @return the conditions, with places for the values */
    String sql() {
        return sql.toString();
    }

    /** Puts the values in their places, the first of the statement. */
    void set(PreparedStatement statement) throws SQLException {
        for (int i = 0; i < values.size(); i++) {
            statement.setObject(i + 1, values.get(i));
        }
    }
}

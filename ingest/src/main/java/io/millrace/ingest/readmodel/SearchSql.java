package io.millrace.ingest.readmodel;

import io.millrace.ingest.search.Comparison;
import io.millrace.ingest.search.Condition;
import io.millrace.ingest.search.Field;
import io.millrace.ingest.search.FieldType;
import io.millrace.ingest.search.Search;
import io.millrace.ingest.search.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Makes the condition of a query into one of SQL. Values are never part of the text. Denials go down to the single comparisons, and
 * there null counts as no: what SQL makes neither true nor false is then never denied, so it counts as no everywhere. One thread.
 */
final class SearchSql {

    private final SearchColumns columns;
    private final long nowMs;
    private final StringBuilder sql = new StringBuilder();
    private final List<Object> values = new ArrayList<>();

    private SearchSql(SearchColumns columns, long nowMs) {
        this.columns = columns;
        this.nowMs = nowMs;
    }

    /**
     * Adds a condition to others.
     *
     * @param nowMs the moment from which times that are relative are counted back
     */
    static void and(Where where, SearchColumns columns, Condition condition, long nowMs) {
        SearchSql made = new SearchSql(columns, nowMs);
        made.write(condition, false);
        where.and("(" + made.sql + ")", made.values.toArray());
    }

    /** Adds the condition of a query, if it has one. Times that are relative are counted back from now. */
    static void and(Where where, SearchColumns columns, Search search) {
        if (search.condition() != null) {
            and(where, columns, search.condition(), System.currentTimeMillis());
        }
    }

    private void write(Condition condition, boolean denied) {
        switch (condition) {
            case Condition.Not not -> write(not.part(), !denied);
            case Condition.And and -> writeAll(and.parts(), denied ? " OR " : " AND ", denied);
            case Condition.Or or -> writeAll(or.parts(), denied ? " AND " : " OR ", denied);
            case Condition.Lacks lacks -> lacks(lacks.field(), denied);
            case Condition.In in -> in(in.field(), in.values(), denied);
            case Condition.Compare compare -> compare(compare, denied);
        }
    }

    private void writeAll(List<Condition> parts, String word, boolean denied) {
        for (int i = 0; i < parts.size(); i++) {
            sql.append(i == 0 ? "(" : word);
            write(parts.get(i), denied);
        }
        sql.append(')');
    }

    private void lacks(Field field, boolean denied) {
        if (field.type() == FieldType.METADATA) {
            // jsonb knows whether it has a name by ?, which JDBC takes for a place.
            add(denied ? "coalesce(metadata ?? ?, false)" : "NOT coalesce(metadata ?? ?, false)", clean(field.name()));
            return;
        }
        SearchColumns.Column column = columns.of(field);
        switch (column.lack()) {
            case NULL -> sql.append(column.sql()).append(denied ? " IS NOT NULL" : " IS NULL");
            case ZERO -> sql.append(column.sql()).append(denied ? " > 0" : " = 0");
            case NEGATIVE -> sql.append(column.sql()).append(denied ? " >= 0" : " < 0");
        }
    }

    private void in(Field field, List<Value> options, boolean denied) {
        if (field.type() == FieldType.METADATA) {
            for (int i = 0; i < options.size(); i++) {
                sql.append(i == 0 ? "(" : denied ? " AND " : " OR ");
                entry(field, options.get(i), denied);
            }
            sql.append(')');
            return;
        }
        String places = String.join(", ", Collections.nCopies(options.size(), "?"));
        test(
                columns.of(field).sql() + " IN (" + places + ")",
                denied,
                options.stream().map(this::sqlValue).toArray());
    }

    private void compare(Condition.Compare compare, boolean denied) {
        Field field = compare.field();
        boolean metadata = field.type() == FieldType.METADATA;
        if (compare.comparison() == Comparison.CONTAINS) {
            String pattern = pattern(((Value.Text) compare.value()).text());
            if (metadata) {
                test("metadata ->> ? ILIKE ?", denied, clean(field.name()), pattern);
            } else {
                test(columns.of(field).sql() + " ILIKE ?", denied, pattern);
            }
            return;
        }
        if (metadata) {
            entry(field, compare.value(), denied);
            return;
        }
        SearchColumns.Column column = columns.of(field);
        Object value = sqlValue(compare.value());
        String plain = column.sql() + " " + compare.comparison().sign() + " ?";
        if (column.lack() == SearchColumns.Lack.NULL) {
            test(plain, denied, value);
            return;
        }
        String present = column.sql() + (column.lack() == SearchColumns.Lack.ZERO ? " > 0" : " >= 0");
        boolean early = (field.name().equals("started") || field.name().equals("ended"))
                && (compare.comparison() == Comparison.LESS || compare.comparison() == Comparison.AT_MOST);
        if (early && !denied) {
            // What began or ended before a time was created before it as well: lists in the order of creation begin
            // there.
            test("(" + present + " AND " + plain + " AND created_at_ms <= ?)", false, value, value);
        } else {
            test("(" + present + " AND " + plain + ")", denied, value);
        }
    }

    private void entry(Field field, Value value, boolean denied) {
        String text = ((Value.Text) value).text();
        test("metadata @> ?::jsonb", denied, Texts.json(Map.of(field.name(), text)));
    }

    /** What is null counts as no, so its denial is yes. */
    private void test(String condition, boolean denied, Object... its) {
        add(denied ? "(" + condition + ") IS NOT TRUE" : condition, its);
    }

    private void add(String condition, Object... its) {
        sql.append(condition);
        values.addAll(List.of(its));
    }

    private Object sqlValue(Value value) {
        return switch (value) {
            case Value.Text text -> clean(text.text());
            case Value.Status status -> status.status().getNumber();
            case Value.Id id -> id.id();
            case Value.Whole whole -> whole.number();
            case Value.Span span -> span.millis();
            case Value.Moment moment -> moment.millis();
            case Value.Ago ago -> nowMs - ago.millis();
        };
    }

    private static String clean(String text) {
        return Texts.clean(text);
    }

    /** @return for ILIKE: the text anywhere, where a star stands for any text */
    private static String pattern(String text) {
        StringBuilder pattern = new StringBuilder("%");
        for (char c : clean(text).toCharArray()) {
            switch (c) {
                case '*' -> pattern.append('%');
                case '%', '_', '\\' -> pattern.append('\\').append(c);
                default -> pattern.append(c);
            }
        }
        return pattern.append('%').toString();
    }
}

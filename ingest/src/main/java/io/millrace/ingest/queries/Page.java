package io.millrace.ingest.queries;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list. It may be shorter than was asked for although there are more: rows take memory by their bytes.
 *
 * @param rows at most as many as were asked for, in the order of the list
 * @param more whether others come behind the last of them
 */
public record Page<T>(List<Row<T>> rows, boolean more) {

    /**
     * An item, and where it stands.
     *
     * @param item what is listed
     * @param place what comes next comes behind it
     */
    public record Row<T>(T item, Cursor place) {}

    /**
     * @param items at most as many as were asked for
     * @param place tells where an item stands
     * @param more whether others come behind them
     */
    public static <T> Page<T> of(List<T> items, Function<T, Cursor> place, boolean more) {
        return new Page<>(
                items.stream().map(item -> new Row<>(item, place.apply(item))).toList(), more);
    }

    /** @return the same part with other items in the same places */
    public <R> Page<R> map(Function<T, R> change) {
        return new Page<>(
                rows.stream()
                        .map(row -> new Row<>(change.apply(row.item()), row.place()))
                        .toList(),
                more);
    }

    /** @return the items */
    public List<T> items() {
        return rows.stream().map(Row::item).toList();
    }

    /** @return where the next part begins, or null after the last */
    public @Nullable Cursor next() {
        return more ? rows.getLast().place() : null;
    }
}

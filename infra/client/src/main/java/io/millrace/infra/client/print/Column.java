package io.millrace.infra.client.print;

import java.util.function.Function;

/**
 * A column of a table.
 *
 * @param title head of the column
 * @param wide whether it is shown only in the wide format
 * @param flexible whether its texts may be cut if the terminal is too narrow
 * @param cell gives the cell of an item
 */
public record Column<T>(String title, boolean wide, boolean flexible, Function<T, Cell> cell) {

    /** A column whose texts are never cut. */
    public static <T> Column<T> of(String title, Function<T, Cell> cell) {
        return new Column<>(title, false, false, cell);
    }

    /** A column whose texts are cut if there is no room. */
    public static <T> Column<T> flexible(String title, Function<T, Cell> cell) {
        return new Column<>(title, false, true, cell);
    }

    /** @return the same column, shown only in the wide format */
    public Column<T> onlyWide() {
        return new Column<>(title, true, flexible, cell);
    }
}

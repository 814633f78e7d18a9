package io.millrace.infra.client.print;

import java.util.function.Function;

/**
 * A column of a table.
 *
 * @param title its head
 * @param wide whether it is shown only to those who want more
 * @param flexible whether its texts may be cut where the terminal is too narrow
 * @param cell what stands in it
 */
public record Column<T>(String title, boolean wide, boolean flexible, Function<T, Cell> cell) {

    /** A column whose texts are never cut. */
    public static <T> Column<T> of(String title, Function<T, Cell> cell) {
        return new Column<>(title, false, false, cell);
    }

    /** A column whose texts are cut where there is no room. */
    public static <T> Column<T> flexible(String title, Function<T, Cell> cell) {
        return new Column<>(title, false, true, cell);
    }

    /** @return the same, for those who want more */
    public Column<T> onlyWide() {
        return new Column<>(title, true, flexible, cell);
    }
}

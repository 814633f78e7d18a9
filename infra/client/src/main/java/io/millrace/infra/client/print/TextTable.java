package io.millrace.infra.client.print;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table that is printed page by page. If the terminal is too narrow, its flexible columns are cut, the widest first.
 * The first page sets the widths, so that later pages stand below it. For one thread.
 *
 * @param <T> type of the items in the rows
 */
public final class TextTable<T> {

    private static final int GAP = 2;
    private static final int LEAST = 6;

    private final PrintWriter out;
    private final Screen screen;
    private final List<Column<T>> columns;
    /** Null before the first page. */
    private int @Nullable [] widths;

    /** @param columns from left to right */
    public TextTable(PrintWriter out, Screen screen, List<Column<T>> columns) {
        this.out = out;
        this.screen = screen;
        this.columns = List.copyOf(columns);
    }

    /** Prints a page; the first one has the heads above it. */
    public void print(List<T> items) {
        List<List<Cell>> rows = new ArrayList<>();
        for (T item : items) {
            rows.add(columns.stream().map(column -> column.cell().apply(item)).toList());
        }
        int[] fixed = widths;
        if (fixed == null) {
            fixed = widths(rows);
            widths = fixed;
            line(
                    columns.stream()
                            .map(column -> new Cell(column.title(), Cell.Look.STRONG))
                            .toList(),
                    fixed);
        }
        for (List<Cell> row : rows) {
            line(row, fixed);
        }
    }

    private int[] widths(List<List<Cell>> rows) {
        int[] wanted = new int[columns.size()];
        int sum = GAP * (columns.size() - 1);
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = Width.of(columns.get(i).title());
            for (List<Cell> row : rows) {
                wanted[i] = Math.max(wanted[i], Width.of(row.get(i).text()));
            }
            sum += wanted[i];
        }
        for (int widest = widest(wanted); screen.columns() > 0 && sum > screen.columns() && widest >= 0; sum--) {
            wanted[widest]--;
            widest = widest(wanted);
        }
        return wanted;
    }

    /** @return the widest column that can still be cut; -1: none can */
    private int widest(int[] wanted) {
        int widest = -1;
        for (int i = 0; i < wanted.length; i++) {
            int least = Math.max(LEAST, Width.of(columns.get(i).title()));
            if (columns.get(i).flexible() && wanted[i] > least && (widest < 0 || wanted[i] > wanted[widest])) {
                widest = i;
            }
        }
        return widest;
    }

    private void line(List<Cell> cells, int[] width) {
        StringBuilder line = new StringBuilder();
        int last = cells.size() - 1;
        for (int i = 0; i <= last; i++) {
            Cell cell = cells.get(i);
            boolean cut = screen.columns() > 0 && columns.get(i).flexible();
            Cell shown = cut ? new Cell(Width.cut(cell.text(), width[i]), cell.look()) : cell;
            line.append(shown.on(screen));
            if (i < last) {
                line.append(Width.fill(shown.text(), width[i])).append(" ".repeat(GAP));
            }
        }
        out.println(line.toString().stripTrailing());
    }
}

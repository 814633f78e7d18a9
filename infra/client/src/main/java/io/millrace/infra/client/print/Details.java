package io.millrace.infra.client.print;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** One thing, with a line for each of its properties. Empty properties are left out. For one thread. */
public final class Details {

    private static final int GAP = 2;

    private final List<Cell> names = new ArrayList<>();
    private final List<Cell> values = new ArrayList<>();

    /** Adds a line. */
    public Details line(String name, Cell value) {
        if (!value.text().isEmpty()) {
            names.add(new Cell(name, Cell.Look.DIM));
            values.add(value);
        }
        return this;
    }

    /** As above, for a text of any origin. */
    public Details line(String name, String value) {
        return line(name, Cell.of(value));
    }

    /** Prints all lines. They are not cut. */
    public void print(PrintWriter out, Screen screen) {
        int width = names.stream().mapToInt(name -> Width.of(name.text())).max().orElse(0);
        for (int i = 0; i < names.size(); i++) {
            Cell name = names.get(i);
            out.println(name.on(screen)
                    + Width.fill(name.text(), width + GAP)
                    + values.get(i).on(screen));
        }
    }
}

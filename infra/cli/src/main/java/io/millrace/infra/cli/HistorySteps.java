package io.millrace.infra.cli;

import io.millrace.dispatcher.replay.ExecutionTrace;
import io.millrace.dispatcher.replay.HistoryText;
import io.millrace.dispatcher.replay.HistoryTree;
import io.millrace.dispatcher.replay.JsonTree;
import io.millrace.infra.client.print.Cell;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Shows a history on a terminal step by step, as somebody presses keys. One thread. */
final class HistorySteps {

    /** Another page than what was on the terminal before, which comes back in the end. */
    private static final String PAGE = "\u001b[?1049h";

    private static final String PAGE_BEFORE = "\u001b[?1049l";
    private static final String CLEAR = "\u001b[H\u001b[2J";
    private static final String KEYS = "n next  p previous  g first  G last  j JSON  w why  q quit";
    private static final int INDENT = 6;

    private final ExecutionTrace trace;
    private final StepKeys keys;
    private final PrintWriter out;
    private final int rows;
    private final int columns;

    /** What of a step is shown. */
    private enum View {
        TEXT,
        JSON,
        WHY
    }

    /**
     * @param rows of the terminal
     * @param columns of the terminal
     */
    HistorySteps(ExecutionTrace trace, StepKeys keys, PrintWriter out, int rows, int columns) {
        this.trace = trace;
        this.keys = keys;
        this.out = out;
        this.rows = rows;
        this.columns = columns;
    }

    /**
     * Tells the history to people: step by step where somebody is there to press keys, and otherwise all at once.
     *
     * @param atOnce all at once, whoever is there
     */
    static void tell(ExecutionTrace trace, PrintWriter out, boolean atOnce) throws IOException {
        if (atOnce || !RawTerminal.there()) {
            HistoryText.lines(trace).forEach(line -> out.println(Cell.of(line).text()));
            return;
        }
        try (RawTerminal terminal = new RawTerminal()) {
            new HistorySteps(trace, new StepKeys(System.in), out, terminal.rows(), terminal.columns()).show();
        }
    }

    /** Returns when somebody quits. */
    void show() throws IOException {
        int step = 1;
        View view = View.TEXT;
        out.print(PAGE);
        try {
            while (true) {
                draw(step, view);
                switch (keys.next()) {
                    case NEXT -> step = Math.min(step + 1, trace.steps().size());
                    case PREVIOUS -> step = Math.max(step - 1, 1);
                    case FIRST -> step = 1;
                    case LAST -> step = trace.steps().size();
                    case JSON -> view = view == View.JSON ? View.TEXT : View.JSON;
                    case WHY -> view = view == View.WHY ? View.TEXT : View.WHY;
                    case QUIT -> {
                        return;
                    }
                    case OTHER -> {
                        // It asks for nothing.
                    }
                }
            }
        } finally {
            out.print(PAGE_BEFORE);
            out.flush();
        }
    }

    private void draw(int step, View view) {
        List<String> lines = new ArrayList<>();
        for (String line : lines(step, view)) {
            fold(Cell.of(line).text(), lines);
        }
        int room = Math.max(1, rows - 2);
        if (lines.size() > room) {
            int more = lines.size() - room + 1;
            lines = new ArrayList<>(lines.subList(0, room - 1));
            lines.add("… and " + more + " lines more; `--json` has all of it");
        }
        out.print(CLEAR);
        lines.forEach(line -> out.print(line + "\r\n"));
        String place = "step " + step + " of " + trace.steps().size();
        out.print("\u001b[" + rows + ";1H\u001b[7m" + cut(place + "  " + KEYS) + "\u001b[0m");
        out.flush();
    }

    private List<String> lines(int step, View view) {
        return switch (view) {
            case TEXT -> HistoryText.lines(trace, step);
            case JSON -> List.of(JsonTree.json(HistoryTree.step(trace, step)));
            case WHY -> List.of(trace.why(step).sentence());
        };
    }

    /** Long lines go on in the next one, further to the right. */
    private void fold(String line, List<String> into) {
        String rest = line;
        while (rest.length() > columns) {
            int end = Character.isHighSurrogate(rest.charAt(columns - 1)) ? columns - 1 : columns;
            into.add(rest.substring(0, end));
            rest = " ".repeat(Math.min(INDENT, columns / 2)) + rest.substring(end);
        }
        into.add(rest);
    }

    private String cut(String line) {
        return line.length() > columns ? line.substring(0, columns) : line;
    }
}

package io.millrace.infra.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a benchmark found: rows of figures, each with median and spread over the rounds. */
public final class Report {

    private final String name;
    private final String what;
    private final Kind kind;
    /** How long rounds last, and where they run. */
    private enum Kind {
        TIMED,
        WHOLE_ROUNDS,
        PROCESSES
    }

    private final Map<String, Map<String, List<Double>>> rows = new LinkedHashMap<>();

    /** @param what what was measured, in words */
    public Report(String name, String what) {
        this(name, what, Kind.TIMED);
    }

    private Report(String name, String what, Kind kind) {
        this.name = name;
        this.what = what;
        this.kind = kind;
    }

    /** @return a report on rounds that last until their work is done, after one that warms up */
    static Report ofWholeRounds(String name, String what) {
        return new Report(name, what, Kind.WHOLE_ROUNDS);
    }

    /** @return a report on servers that are processes of their own; a round may have several values of a figure */
    static Report ofProcesses(String name, String what) {
        return new Report(name, what, Kind.PROCESSES);
    }

    /**
     * Adds one round's figure. The first figure of each round is also printed at once, as a benchmark takes minutes.
     */
    public void add(String row, String figure, double value) {
        Map<String, List<Double>> figures = rows.computeIfAbsent(row, r -> new LinkedHashMap<>());
        figures.computeIfAbsent(figure, f -> new ArrayList<>()).add(value);
        if (figures.keySet().iterator().next().equals(figure)) {
            System.err.printf("%s: %s, %s %s%n", name, row, figure, Spread.number(value));
        }
    }

    /** @return the spread of a figure */
    public Spread spread(String row, String figure) {
        return Spread.of(Objects.requireNonNull(
                Objects.requireNonNull(rows.get(row), "row of a report").get(figure), "figure of a row"));
    }

    /** Prints it as a table. */
    public void print(PrintWriter out, BenchOptions options) {
        out.println();
        out.println(name + ": " + what);
        out.println("on " + Machine.describe() + "; "
                + switch (kind) {
                    case TIMED ->
                        "server, Kafka and clients in one process; median (lowest–highest) of " + options.rounds()
                                + " rounds of " + options.seconds() + " s after " + options.warmUp()
                                + " s of warming up";
                    case WHOLE_ROUNDS ->
                        "server, Kafka and clients in one process; median (lowest–highest) of " + options.rounds()
                                + " rounds after one that warms up";
                    case PROCESSES ->
                        "servers in processes of their own; median (lowest–highest) of " + options.rounds() + " rounds";
                });
        int width = rows.keySet().stream().mapToInt(String::length).max().orElse(10);
        rows.forEach((row, figures) -> {
            StringBuilder line = new StringBuilder(String.format("  %-" + width + "s", row));
            figures.forEach((figure, values) -> line.append(String.format("   %s %-20s", figure, Spread.of(values))));
            out.println(line.toString().stripTrailing());
        });
        out.flush();
    }

    /** Writes it as JSON. */
    public void write(Path file, BenchOptions options) throws IOException {
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode root = mapper.createObjectNode();
        root.put("name", name).put("what", what).put("machine", Machine.describe());
        root.put("rounds", options.rounds());
        if (kind == Kind.TIMED) {
            root.put("seconds", options.seconds());
        }
        ObjectNode all = root.putObject("rows");
        rows.forEach((row, figures) -> {
            ObjectNode node = all.putObject(row);
            figures.forEach((figure, values) -> {
                Spread spread = Spread.of(values);
                ObjectNode figureNode = node.putObject(figure);
                figureNode
                        .put("median", spread.median())
                        .put("min", spread.min())
                        .put("max", spread.max());
                ArrayNode each = figureNode.putArray("rounds");
                values.forEach(each::add);
            });
        });
        mapper.writeValue(file.toFile(), root);
    }
}

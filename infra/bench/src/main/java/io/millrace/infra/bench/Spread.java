package io.millrace.infra.bench;

import java.util.List;
import java.util.Locale;

/** A figure measured over rounds: its median, lowest and highest value. */
public record Spread(double median, double min, double max) {

    /** @return spread of the values; there must be at least one */
    public static Spread of(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int size = sorted.size();
        double median = size % 2 == 1 ? sorted.get(size / 2) : (sorted.get(size / 2 - 1) + sorted.get(size / 2)) / 2;
        return new Spread(median, sorted.getFirst(), sorted.getLast());
    }

    /** @return the value in the form in which it is shown alone */
    static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.2f", value);
    }

    @Override
    public String toString() {
        String format = median >= 100 ? "%.0f (%.0f–%.0f)" : "%.2f (%.2f–%.2f)";
        return String.format(Locale.ROOT, format, median, min, max);
    }
}

package io.millrace.ingest.search;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What has to be so. Each is true or false, never unknown: what has no value is not equal to anything, and a comparison with it is
 * false, so that its denial is true.
 */
public sealed interface Condition {

    /** @return as queries write it; read again, it is the same */
    String written();

    /** All of these, at least two. */
    record And(List<Condition> parts) implements Condition {
        @Override
        public String written() {
            return join(parts, " AND ");
        }
    }

    /** At least one of these, of which there are at least two. */
    record Or(List<Condition> parts) implements Condition {
        @Override
        public String written() {
            return join(parts, " OR ");
        }
    }

    /** Not this. */
    record Not(Condition part) implements Condition {
        @Override
        public String written() {
            return "NOT " + (part instanceof And || part instanceof Or ? "(" + part.written() + ")" : part.written());
        }
    }

    /** The field compares so with the value. */
    record Compare(Field field, Comparison comparison, Value value) implements Condition {
        @Override
        public String written() {
            return field.written() + " " + comparison.sign() + " " + value.written();
        }
    }

    /** The field is one of the values, of which there is at least one. */
    record In(Field field, List<Value> values) implements Condition {
        @Override
        public String written() {
            return field.written() + " IN ("
                    + values.stream().map(Value::written).collect(Collectors.joining(", ")) + ")";
        }
    }

    /** The field has no value. */
    record Lacks(Field field) implements Condition {
        @Override
        public String written() {
            return field.written() + " IS NULL";
        }
    }

    /** @return the same, with moments instead of times that are relative to this one, milliseconds since the epoch */
    static Condition asOf(Condition condition, long nowMs) {
        return switch (condition) {
            case And and ->
                new And(and.parts().stream().map(part -> asOf(part, nowMs)).toList());
            case Or or ->
                new Or(or.parts().stream().map(part -> asOf(part, nowMs)).toList());
            case Not not -> new Not(asOf(not.part(), nowMs));
            case Compare compare -> new Compare(compare.field(), compare.comparison(), asOf(compare.value(), nowMs));
            case In in ->
                new In(
                        in.field(),
                        in.values().stream().map(value -> asOf(value, nowMs)).toList());
            case Lacks lacks -> lacks;
        };
    }

    private static Value asOf(Value value, long nowMs) {
        return value instanceof Value.Ago ago ? new Value.Moment(nowMs - ago.millis()) : value;
    }

    private static String join(List<Condition> parts, String word) {
        return parts.stream()
                .map(part -> part instanceof And || part instanceof Or ? "(" + part.written() + ")" : part.written())
                .collect(Collectors.joining(word));
    }
}

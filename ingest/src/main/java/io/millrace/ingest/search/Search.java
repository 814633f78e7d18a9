package io.millrace.ingest.search;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A query that was read: which of the workflows or tasks, and in which order. Immutable, safe from any thread.
 *
 * @param condition what has to be so, or null for all
 * @param order in which order they come
 */
public record Search(@Nullable Condition condition, SortOrder order) {

    /** Longest query, in bytes of UTF-8. */
    public static final int MAX_BYTES = 4_096;

    /** Most conditions of a query; each value of an IN counts as one. */
    public static final int MAX_CONDITIONS = 50;

    /** Most parentheses and NOTs in each other. */
    static final int MAX_DEPTH = 50;

    /** @return what asks for all, newest first */
    public static Search all(Subject subject) {
        return new Search(null, SortOrder.usual(subject));
    }

    /**
     * Reads a query.
     *
     * @param subject what is asked for
     * @param text the query; a blank one asks for all
     * @throws SearchFault if it cannot be read
     */
    public static Search parse(Subject subject, String text) {
        return new Parser(subject, text).query();
    }

    /**
     * @param subject what is asked for
     * @param nowMs milliseconds since the epoch
     * @return what it finds at that moment of what there was then, whenever it is asked: times that are relative are counted back from
     *     there. The oldest come first
     */
    public Search asOf(Subject subject, long nowMs) {
        Field created = subject.field("created").orElseThrow();
        Condition before = new Condition.Compare(created, Comparison.AT_MOST, new Value.Moment(nowMs));
        return new Search(
                condition == null ? before : new Condition.And(List.of(Condition.asOf(condition, nowMs), before)),
                new SortOrder(created, false));
    }

    /** @return as queries are written; read again, it is the same */
    public String written() {
        return condition == null ? order.written() : condition.written() + " " + order.written();
    }
}

package io.millrace.ingest.queries;

import java.util.List;

/**
 * How many there are.
 *
 * @param total all that were asked for
 * @param groups them by some field, the largest group first, at most {@value #MAX_GROUPS}
 */
public record Counts(long total, List<Group> groups) {

    /** Most groups that are told. */
    public static final int MAX_GROUPS = 100;

    /**
     * Those of one value.
     *
     * @param value the value
     * @param count how many have it
     */
    public record Group(String value, long count) {}
}

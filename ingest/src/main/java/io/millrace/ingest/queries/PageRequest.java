package io.millrace.ingest.queries;

import org.jspecify.annotations.Nullable;

/**
 * Which part of a list, newest first.
 *
 * @param limit items at the most, 1 to {@value #MAX_LIMIT}
 * @param after last item of the part before, or null for the first part
 */
public record PageRequest(int limit, @Nullable Cursor after) {

    /** Items where the caller names no number. */
    public static final int DEFAULT_LIMIT = 50;

    /** Most items of one part. */
    public static final int MAX_LIMIT = 500;

    /**
     * Bytes of rows after which a part ends, however many were asked for. Errors are of any length up to that of a payload, so a part
     * by number alone could fill a node's memory. A part has at least one item.
     */
    public static final int MAX_BYTES = 2 << 20;

    /** @throws IllegalArgumentException if the limit is out of bounds */
    public PageRequest {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("expected a limit of 1 to " + MAX_LIMIT + ", but got " + limit);
        }
    }

    /** @return the first part, of the usual size */
    public static PageRequest first() {
        return new PageRequest(DEFAULT_LIMIT, null);
    }
}

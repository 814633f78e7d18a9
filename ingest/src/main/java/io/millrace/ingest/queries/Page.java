package io.millrace.ingest.queries;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param items at most as many as were asked for
 * @param next where the next part begins, or null after the last
 */
public record Page<T>(List<T> items, @Nullable Cursor next) {}

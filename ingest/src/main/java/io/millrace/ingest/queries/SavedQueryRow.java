package io.millrace.ingest.queries;

/**
 * A query that has a name.
 *
 * @param subject WORKFLOWS or TASKS
 * @param about what it is for; empty: nobody said
 * @param savedAtMs milliseconds since the epoch
 * @param version rises with each change of what has the name
 */
public record SavedQueryRow(
        String name, String subject, String query, String about, String savedBy, long savedAtMs, long version) {}

package io.millrace.ingest.queries;

/** How many items a bulk job has so far, by what came of them. */
public record BulkCounts(long done, long refused, long skipped) {}

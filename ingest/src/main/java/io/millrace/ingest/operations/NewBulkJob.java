package io.millrace.ingest.operations;

import io.millrace.ingest.search.Search;

/**
 * A bulk job as somebody asks for it.
 *
 * @param query what finds its items, as it was written
 * @param search the same, read
 * @param reason why
 * @param rate most items in a second
 * @param forceAfterMs of cancellations, how long workers have to end what is cancelled; 0: no time
 */
public record NewBulkJob(BulkAction action, String query, Search search, String reason, int rate, long forceAfterMs) {}

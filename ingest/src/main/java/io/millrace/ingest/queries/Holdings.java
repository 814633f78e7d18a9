package io.millrace.ingest.queries;

/**
 * What an organisation has that lasts.
 *
 * @param openWorkflows workflows that are open
 * @param schedules schedules that are not deleted
 */
public record Holdings(long openWorkflows, long schedules) {}

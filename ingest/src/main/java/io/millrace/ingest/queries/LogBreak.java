package io.millrace.ingest.queries;

/**
 * An outcome on the log that does not fit what stands before it, and was not believed.
 *
 * @param partition partition of millrace.events
 * @param offset its offset there
 * @param kind what does not fit: SEQUENCE, COMMAND, OUTCOME_HASH or EVENT_HASH
 */
public record LogBreak(int partition, long offset, String kind) {}

package io.millrace.ingest.queries;

/**
 * How far the read model is behind the log.
 *
 * @param records outcomes on the topic that it has not taken in
 * @param millis age of the oldest of them; 0: none
 */
public record ReadModelLag(long records, long millis) {}

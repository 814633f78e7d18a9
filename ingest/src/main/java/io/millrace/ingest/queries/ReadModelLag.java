package io.millrace.ingest.queries;

/**
 * How far the read model is behind the log, and what it lacks.
 *
 * @param records outcomes on the topic that it has not taken in
 * @param millis age of the oldest of them; 0: none
 * @param passedOver outcomes that could not be taken in and were passed over; a rebuild tries them again
 * @param breaks outcomes that do not fit the log before them and were not believed
 */
public record ReadModelLag(long records, long millis, long passedOver, long breaks) {}

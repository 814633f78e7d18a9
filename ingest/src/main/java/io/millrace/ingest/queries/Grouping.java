package io.millrace.ingest.queries;

/** By what executions and tasks are counted. */
public enum Grouping {
    /** By status. */
    STATUS,
    /** By kind. */
    KIND,
    /** By queue. */
    QUEUE
}

package io.millrace.dispatcher.engine.state;

/** The tables of a partition. OUTBOX is not the engine's, but stands with the rest. */
public enum Table {
    EXECUTIONS,
    HISTORY,
    TASKS,
    READY,
    DUE,
    KEYS,
    PROMISES,
    CLOSED,
    OUTBOX,
    PARTITION
}

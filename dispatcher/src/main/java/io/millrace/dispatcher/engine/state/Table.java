package io.millrace.dispatcher.engine.state;

/** The stores of a partition. */
public enum Table {
    EXECUTIONS,
    HISTORY,
    TASKS,
    READY,
    DUE,
    KEYS,
    PROMISES,
    CLOSED,
    PARTITION
}

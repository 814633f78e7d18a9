package io.millrace.dispatcher.engine.store;

/**
 * The tables of a partition. READY has what was written before
 * lines stood by kind. DUE_RESIDENT has of what falls due that which is always in memory. OUTBOX is not the engine's, but stands with the rest. TASKS_BY_EXECUTION has what was written
 * before tasks were found by their ids; nothing enters it any more.
 */
public enum Table {
    EXECUTIONS,
    HISTORY,
    TASKS,
    TASKS_BY_EXECUTION,
    READY,
    READY_LINES,
    READY_COUNTS,
    DUE,
    DUE_RESIDENT,
    KEYS,
    PROMISES,
    CLOSED,
    EXPIRIES,
    OUTBOX,
    PARTITION,
    SCHEDULES,
    POLICIES,
    BULK_JOBS,
    SAVED_QUERIES,
    PLACES,
    PLACE_LENDERS,
    READY_TURNS,
    WRITERS,
    RUNS
}

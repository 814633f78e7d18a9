package io.millrace.dispatcher.engine.command;

/** The two sorts of work that a queue holds. */
public enum WorkType {
    WORKFLOW,
    TASK
}

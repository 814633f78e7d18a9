package io.millrace.dispatcher.engine.event;

/** Where a workflow or a task stands. WAITING is only for workflows. The order of the constants is part of the stored form. */
public enum Status {
    PENDING,
    RUNNING,
    WAITING,
    COMPLETED,
    FAILED,
    CANCELLED,
    /** Only for workflows: it goes on in a new run. */
    CONTINUED_AS_NEW;

    /** @return the number of that name in {@code millrace.v1.ExecutionStatus}, which enters the hashes */
    public int number() {
        return ordinal() + 1;
    }

    /** @return whether nothing will change it any more */
    public boolean terminal() {
        return this == COMPLETED || this == FAILED || this == CANCELLED || this == CONTINUED_AS_NEW;
    }
}

package io.millrace.ingest.queries;

/** Whether the read model has all that was before a moment. */
public enum Reach {
    /** It has. */
    ALL,

    /** It has not, or nobody can tell yet. */
    NOT_YET,

    /** The log ends before the moment, which is the place of a command. */
    BEHIND_THE_LOG
}

package io.millrace.dispatcher.engine;

/**
 * Version of the rules by which commands are decided. It stands in every outcome, so that a replay knows which rules made
 * it. Raise it with every change after which some log would be decided otherwise.
 */
public final class Rules {

    /** The rules that this code implements. */
    public static final int VERSION = 2;

    /**
     * Largest history of a workflow where no command says otherwise, bytes: public SDKs refuse messages over 4 MB, and a
     * history is one message.
     */
    public static final long MAX_HISTORY_BYTES = 3_670_016;

    /**
     * What the events of one command may come to, bytes. They leave in one record, and one that Kafka does not take would
     * stop its partition for good.
     */
    static final long MAX_OUTCOME_BYTES = 12L * 1024 * 1024;

    /** Inputs that the claims of one command hand out together, bytes: they come back in one record. */
    static final long MAX_GRANTED_BYTES = 8L * 1024 * 1024;

    private Rules() {}
}

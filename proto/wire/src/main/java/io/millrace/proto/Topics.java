package io.millrace.proto;

import java.util.List;

/**
 * Names of the Kafka topics of Millrace, and how large their records may be. They are part of the contract with operators
 * and auditors.
 */
public final class Topics {

    /** Every request to change something, in the order in which it takes effect. Kept for ever. */
    public static final String COMMANDS = "millrace.commands";

    /** What came of each command, written exactly once; same partition number as its command. Kept for ever. */
    public static final String EVENTS = "millrace.events";

    /** Levels of ready work per queue and partition. Short-lived. */
    public static final String WORK_AVAILABLE = "millrace.work-available";

    /** Answers to commands whose caller waits at another node. Short-lived. */
    public static final String REPLIES = "millrace.replies";

    /** Worker registrations and the places of the dispatchers. Compacted. */
    public static final String DIRECTORY = "millrace.directory";

    /** What running tasks stream out. Short-lived. */
    public static final String TASK_STREAMS = "millrace.task-streams";

    /**
     * Signed checkpoints of the transparency logs of the events, with the same partition number as the events; and the
     * keys that sign them. Kept for ever.
     */
    public static final String CHECKPOINTS = "millrace.checkpoints";

    /** The keys by which payloads are encrypted, wrapped, and which of them were erased. Compacted. */
    public static final String DATA_KEYS = "millrace.data-keys";

    /**
     * Largest record of any topic, bytes. It has room for one payload of the largest size, or many small ones, and the
     * rest of the record.
     */
    public static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    private Topics() {}

    /** @return the names of all topics, in a fixed order */
    public static List<String> all() {
        return List.of(COMMANDS, EVENTS, WORK_AVAILABLE, REPLIES, DIRECTORY, TASK_STREAMS, CHECKPOINTS, DATA_KEYS);
    }
}

package io.millrace.ingest.operations;

import java.time.Duration;

/**
 * Settings that decide what the engine does. The engine reads no configuration, so they travel in every command that
 * they bear upon. A replay of the log then decides as it was decided.
 *
 * @param maxSignals signals of one workflow
 * @param maxStaleRounds discarded batches in a row after which a workflow fails
 * @param staleRetryDelay wait before a workflow whose batch was discarded is handed out again
 * @param maxRefusedRounds refused submissions in a row with which a workflow fails
 * @param refusalGrace how long a worker whose report was refused keeps the work, to report again
 * @param retention how long closed executions stay in the dispatcher's stores
 * @param taskRetryDelay wait before a failed task is handed out again
 * @param maxTaskLogMessages messages kept of one task
 * @param maxTaskLogBytes size of these messages together; further ones stay in the log of commands only
 * @param maxTaskStateBytes state of one task, keys and values together
 */
public record StampedSettings(
        int maxSignals,
        int maxStaleRounds,
        Duration staleRetryDelay,
        int maxRefusedRounds,
        Duration refusalGrace,
        Duration retention,
        Duration taskRetryDelay,
        int maxTaskLogMessages,
        long maxTaskLogBytes,
        int maxTaskStateBytes) {

    /** @return the usual settings */
    public static StampedSettings defaults() {
        return new StampedSettings(
                10_000,
                5,
                Duration.ofMillis(100),
                3,
                Duration.ofSeconds(10),
                Duration.ofHours(24),
                Duration.ofMillis(100),
                1_000,
                256 << 10,
                256 << 10);
    }
}

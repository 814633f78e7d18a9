package io.millrace.infra.config;

import io.millrace.ingest.encryption.ErasureTimes;
import java.time.Duration;

/**
 * How the topics have to be.
 *
 * @param partitions number of partitions of commands and events; it decides where every id lives, so it never changes
 * @param replicationFactor copies of every record
 * @param minInSyncReplicas copies that must exist before a record counts as written
 * @param shortRetention how long levels and answers between nodes are kept
 * @param taskStreamRetention how long the output that tasks stream is kept
 * @param erasure how soon an erased data key is nowhere any more
 */
public record TopicSettings(
        int partitions,
        int replicationFactor,
        int minInSyncReplicas,
        Duration shortRetention,
        Duration taskStreamRetention,
        ErasureTimes erasure) {

    /** @return settings for a single broker in this process */
    public static TopicSettings singleNode(int partitions) {
        return new TopicSettings(
                partitions,
                1,
                1,
                Duration.ofMinutes(10),
                Duration.ofHours(1),
                new ErasureTimes(Duration.ofMinutes(30)));
    }
}

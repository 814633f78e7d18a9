package io.millrace.infra.topics;

import io.millrace.proto.Topics;
import io.millrace.proto.kafka.ClientSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.TopicConfig;

/** All topics of Millrace, and what each is to be like. Streams makes its own topics beside them. */
public final class TopicPlan {

    /** Enough to spread hints and answers over brokers; they carry little. */
    private static final int SIDE_PARTITIONS = 4;

    private static final long FOR_EVER = -1;

    private final List<TopicSpec> topics;

    /** Makes the plan for these settings. */
    public TopicPlan(TopicSettings settings) {
        int partitions = settings.partitions();
        int side = Math.min(partitions, SIDE_PARTITIONS);
        long brief = settings.shortRetention().toMillis();
        topics = List.of(
                // Commands and events meet by partition number.
                topic(settings, Topics.COMMANDS, partitions, true, kept(FOR_EVER)),
                topic(settings, Topics.EVENTS, partitions, true, kept(FOR_EVER)),
                topic(settings, Topics.WORK_AVAILABLE, side, false, kept(brief)),
                topic(settings, Topics.REPLIES, side, false, kept(brief)),
                topic(settings, Topics.DIRECTORY, 1, true, compacted()),
                topic(settings, Topics.TASK_STREAMS, side, false, kept(settings.taskStreamRetention().toMillis())));
    }

    List<TopicSpec> topics() {
        return topics;
    }

    private static TopicSpec topic(
            TopicSettings settings, String name, int partitions, boolean fixed, Map<String, String> own) {
        Map<String, String> all = new TreeMap<>(own);
        all.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(ClientSettings.MAX_MESSAGE_BYTES));
        all.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, String.valueOf(settings.minInSyncReplicas()));
        return new TopicSpec(name, partitions, fixed, settings.replicationFactor(), Map.copyOf(all));
    }

    private static Map<String, String> kept(long millis) {
        Map<String, String> settings = new TreeMap<>();
        settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        settings.put(TopicConfig.RETENTION_MS_CONFIG, String.valueOf(millis));
        if (millis == FOR_EVER) {
            // A broker's own limit in bytes would cut the log all the same.
            settings.put(TopicConfig.RETENTION_BYTES_CONFIG, String.valueOf(FOR_EVER));
        } else {
            // Only closed segments are deleted, so segments must not live longer than records.
            settings.put(TopicConfig.SEGMENT_MS_CONFIG, String.valueOf(Math.max(millis, Duration.ofMinutes(1).toMillis())));
        }
        return settings;
    }

    private static Map<String, String> compacted() {
        return Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    }
}

package io.millrace.infra.topics;

import io.millrace.dispatcher.Dispatcher;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.config.TopicSettings;
import io.millrace.ingest.encryption.ErasureTimes;
import io.millrace.proto.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.TopicConfig;

/** All topics of Millrace, also that of Kafka Streams, and how each has to be. */
public final class TopicPlan {

    /** Enough to spread levels and answers over the brokers; these topics carry little. */
    private static final int SIDE_PARTITIONS = 4;

    private static final long FOR_EVER = -1;

    /** Of a file whose records were compacted into another. */
    private static final Duration FILE_DELETE_DELAY = Duration.ofSeconds(5);

    /** Settings without which promises do not hold. Setting them loses nothing, so no operator has to do it. */
    private static final Set<String> GUARDED = new TreeSet<>(Set.of(
            TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
            TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
            TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG));

    private final List<TopicSpec> topics;

    /**
     * Makes the plan for these settings.
     *
     * @param application id of the dispatchers as a group; the topic of their state is named after it
     */
    public TopicPlan(TopicSettings settings, String application) {
        int partitions = settings.partitions();
        int side = Math.min(partitions, SIDE_PARTITIONS);
        long brief = settings.shortRetention().toMillis();
        topics = List.of(
                // Commands and events need the same number of partitions: an outcome stands in the partition number of
                // its command.
                topic(settings, Topics.COMMANDS, partitions, true, kept(FOR_EVER)),
                topic(settings, Topics.EVENTS, partitions, true, kept(FOR_EVER)),
                topic(settings, Topics.CHECKPOINTS, partitions, true, kept(FOR_EVER)),
                topic(settings, Topics.WORK_AVAILABLE, side, false, kept(brief)),
                topic(settings, Topics.REPLIES, side, false, kept(brief)),
                topic(settings, Topics.DIRECTORY, 1, true, compacted()),
                // In order: what erases a key stands behind the key.
                topic(settings, Topics.DATA_KEYS, 1, true, forgetting(settings.erasure())),
                topic(
                        settings,
                        Topics.TASK_STREAMS,
                        side,
                        false,
                        kept(settings.taskStreamRetention().toMillis())),
                new TopicSpec(
                        Dispatcher.changelog(application),
                        partitions,
                        true,
                        settings.replicationFactor(),
                        Map.copyOf(lasting(settings)),
                        false));
    }

    /** @return the plan for the configuration */
    public static TopicPlan of(ServerConfig config) {
        return new TopicPlan(config.topics(), config.dispatcher().applicationId());
    }

    /** @return settings that are set on existing topics without asking, in order */
    static Set<String> guarded() {
        return GUARDED;
    }

    List<TopicSpec> topics() {
        return topics;
    }

    private static TopicSpec topic(
            TopicSettings settings, String name, int partitions, boolean fixed, Map<String, String> own) {
        Map<String, String> all = new TreeMap<>(own);
        all.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(Topics.MAX_MESSAGE_BYTES));
        all.putAll(lasting(settings));
        return new TopicSpec(name, partitions, fixed, settings.replicationFactor(), Map.copyOf(all), true);
    }

    /**
     * Settings of topics whose records stay, and are never refused for their time. If a record
     * has a time of its own, a broker whose clock differs from it by more than an hour refuses the record. A record
     * that is always refused stops its partition for ever. The clock that decides is the time at which the broker took a command in.
     */
    private static Map<String, String> lasting(TopicSettings settings) {
        return new TreeMap<>(Map.of(
                TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, String.valueOf(settings.minInSyncReplicas()),
                TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false",
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"));
    }

    private static Map<String, String> kept(long millis) {
        Map<String, String> settings = new TreeMap<>();
        settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        settings.put(TopicConfig.RETENTION_MS_CONFIG, String.valueOf(millis));
        if (millis == FOR_EVER) {
            // Otherwise a broker's own limit in bytes could cut the log.
            settings.put(TopicConfig.RETENTION_BYTES_CONFIG, String.valueOf(FOR_EVER));
        } else {
            // Kafka deletes only closed segments, so segments must not live longer than records.
            settings.put(
                    TopicConfig.SEGMENT_MS_CONFIG,
                    String.valueOf(Math.max(millis, Duration.ofMinutes(1).toMillis())));
        }
        return settings;
    }

    /** Compaction alone promises no time: these settings do. */
    private static Map<String, String> forgetting(ErasureTimes times) {
        String segment = String.valueOf(times.segment().toMillis());
        return Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.SEGMENT_MS_CONFIG,
                segment,
                TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG,
                segment,
                TopicConfig.FILE_DELETE_DELAY_MS_CONFIG,
                String.valueOf(FILE_DELETE_DELAY.toMillis()));
    }

    private static Map<String, String> compacted() {
        return Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    }
}

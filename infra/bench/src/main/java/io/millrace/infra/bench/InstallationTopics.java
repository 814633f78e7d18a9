package io.millrace.infra.bench;

import io.millrace.infra.config.TopicSettings;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.topics.TopicAdmin;
import io.millrace.infra.topics.TopicPlan;
import java.time.Duration;

/** The topics of an installation whose nodes are processes of their own. */
public final class InstallationTopics {

    private static final String APPLICATION = "millrace-dispatcher";
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private InstallationTopics() {}

    /** Makes those that are missing, with one copy of each record. */
    public static void make(KafkaAccess kafka, int partitions) {
        make(kafka, partitions, 1, 1);
    }

    /**
     * Makes those that are missing.
     *
     * @param copies of each record
     * @param inSync how many of these have to stand before a record counts as written
     */
    public static void make(KafkaAccess kafka, int partitions, int copies, int inSync) {
        TopicSettings single = TopicSettings.singleNode(partitions);
        TopicSettings settings = new TopicSettings(
                partitions, copies, inSync, single.shortRetention(), single.taskStreamRetention(), single.erasure());
        TopicPlan plan = new TopicPlan(settings, APPLICATION);
        try (TopicAdmin admin = new TopicAdmin(kafka.bootstrapServers(), kafka.properties(), plan, PATIENCE)) {
            admin.createMissing();
        }
    }
}

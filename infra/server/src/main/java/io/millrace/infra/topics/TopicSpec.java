package io.millrace.infra.topics;

import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * What one topic is to be like.
 *
 * @param name its name
 * @param partitions how many partitions
 * @param partitionsFixed whether more partitions than that would be wrong, too, because the number decides where an id lives
 * @param replicationFactor copies of every record
 * @param settings Kafka's topic settings that matter to Millrace
 * @param ours whether we make it; Kafka Streams makes its own, when it first runs
 */
record TopicSpec(
        String name, int partitions, boolean partitionsFixed, int replicationFactor, Map<String, String> settings,
        boolean ours) {

    NewTopic toNewTopic() {
        return new NewTopic(name, partitions, (short) replicationFactor).configs(settings);
    }
}

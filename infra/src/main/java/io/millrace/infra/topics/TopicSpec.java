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
 */
record TopicSpec(
        String name, int partitions, boolean partitionsFixed, int replicationFactor, Map<String, String> settings) {

    NewTopic toNewTopic() {
        return new NewTopic(name, partitions, (short) replicationFactor).configs(settings);
    }
}

package io.millrace.infra.topics;

import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * How one topic has to be.
 *
 * @param name name of the topic
 * @param partitions number of partitions
 * @param partitionsFixed whether more partitions would be wrong as well, because their number decides where an id lives
 * @param replicationFactor copies of every record
 * @param settings Kafka's topic settings that matter to Millrace
 * @param ours whether Millrace makes the topic; Kafka Streams makes its own topic when it first runs
 */
record TopicSpec(
        String name,
        int partitions,
        boolean partitionsFixed,
        int replicationFactor,
        Map<String, String> settings,
        boolean ours) {

    NewTopic toNewTopic() {
        return new NewTopic(name, partitions, (short) replicationFactor).configs(settings);
    }
}

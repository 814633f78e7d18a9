package io.millrace.infra.doctor;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.topics.TopicAdmin;
import io.millrace.infra.topics.TopicException;
import io.millrace.infra.topics.Writers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Kafka lets the node in, has the topics, and lets the node use them. Stateless. */
final class KafkaCheck {

    private static final String KAFKA = "Kafka";
    private static final String TOPICS = "topics";
    private static final String RIGHTS = "rights";

    private KafkaCheck() {}

    static List<Finding> findings(ServerConfig config, boolean development) {
        List<Finding> findings = new ArrayList<>();
        String servers = config.kafka().bootstrapServers();
        try (TopicAdmin topics = TopicAdmin.of(config)) {
            List<String> differences = topics.differences();
            findings.add(Finding.ok(KAFKA, "the brokers at " + servers + " answer, and know the credentials"));
            differences.forEach(difference -> findings.add(Finding.failure(
                    TOPICS, difference, "`millrace topics` makes and mends what can be; the rest is the operator's")));
            if (differences.isEmpty()) {
                findings.add(Finding.ok(TOPICS, "all are as configured"));
            }
            List<String> lacking = topics.lackingRights();
            lacking.forEach(right -> findings.add(Finding.failure(
                    RIGHTS, right, "add the ACL; docs/configuration.md, \"Only nodes write commands\", has all")));
            if (lacking.isEmpty()) {
                findings.add(Finding.ok(RIGHTS, "this node may read and write the topics that are there"));
            }
            findings.add(writers(topics, development));
        } catch (TopicException e) {
            findings.add(Finding.failure(
                    KAFKA,
                    String.valueOf(e.getMessage()),
                    "look at kafka.bootstrap_servers and [kafka.properties], and whether the brokers run"));
        }
        return findings;
    }

    private static Finding writers(TopicAdmin topics, boolean development) {
        try {
            Optional<Writers> writers = topics.writers();
            if (writers.isEmpty() && development) {
                return Finding.ok(
                        RIGHTS,
                        "Kafka is for this machine alone, and whoever has its password may write to all topics");
            }
            if (writers.isEmpty()) {
                return Finding.warning(
                        RIGHTS,
                        "Kafka has no authorizer: whoever reaches it may write to all topics",
                        "switch an authorizer on, and let only the nodes write commands, events, the directory, data keys and checkpoints");
            }
            return writers.get().open().isEmpty()
                    ? Finding.ok(
                            RIGHTS,
                            "only those whom ACLs name may write commands, events, the directory, data keys and checkpoints")
                    : Finding.warning(
                            RIGHTS,
                            "everybody may write to "
                                    + String.join(" and ", writers.get().open()),
                            "let only the nodes write there");
        } catch (TopicException e) {
            return Finding.ok(RIGHTS, "Kafka does not show its ACLs to this user, so who else may write is not known");
        }
    }
}

package io.millrace.infra.cli;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.topics.TopicAdmin;
import io.millrace.infra.topics.TopicException;
import io.millrace.infra.topics.Writers;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes the topics that Kafka lacks, sets what must be set on all topics, and checks them. */
@Command(
        name = "topics",
        description = {
            "Makes the topics that are missing, and checks all.",
            "Of topics that are there, that of the dispatchers' state included, only these settings are changed:",
            "message.timestamp.type, min.insync.replicas, unclean.leader.election.enable.",
            "Exit code 1 if a topic is not as configured."
        },
        mixinStandardHelpOptions = true)
public final class TopicsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions options;

    @Option(
            names = "--check",
            description =
                    "Only checks; makes and changes nothing. Says too who may write commands and events, where Kafka"
                            + " shows its ACLs; exit code 1 if everybody may.")
    private boolean checkOnly;

    @Override
    public Integer call() {
        ServerConfig config = options.load(Map.of());
        PrintWriter out = spec.commandLine().getOut();
        try (TopicAdmin topics = TopicAdmin.of(config)) {
            List<String> made = checkOnly ? List.of() : topics.createMissing();
            made.forEach(name -> out.println("made " + name));
            if (!checkOnly) {
                topics.mend().forEach(change -> out.println("changed " + change));
            }
            topics.check();
            out.println("all topics at " + config.kafka().bootstrapServers() + " are as configured");
            return checkOnly ? writers(topics, out) : 0;
        }
    }

    private static int writers(TopicAdmin topics, PrintWriter out) {
        Optional<Writers> writers;
        try {
            writers = topics.writers();
        } catch (TopicException e) {
            out.println("not known who may write: " + e.getMessage());
            return 0;
        }
        if (writers.isEmpty()) {
            out.println("Kafka has no authorizer: whoever reaches it may write to all topics");
            return 0;
        }
        writers.get()
                .byTopic()
                .forEach((topic, principals) -> out.println("may write to " + topic + ", by ACLs: "
                        + (principals.isEmpty() ? "nobody" : String.join(", ", principals))));
        if (!writers.get().open().isEmpty()) {
            out.println("expected ACLs by which only the nodes may write to "
                    + String.join(" and ", writers.get().open()) + ", but everybody may");
            return 1;
        }
        return 0;
    }
}

package io.millrace.infra.doctor;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.server.OtherNodes;
import io.millrace.infra.server.StartException;
import io.millrace.infra.tls.TlsException;
import io.millrace.ingest.config.ConfigException;
import io.millrace.proto.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;

/** The nodes that own partitions are reached from here. Stateless. */
final class NodesCheck {

    private static final String NODES = "nodes";

    private NodesCheck() {}

    static List<Finding> findings(ServerConfig config) {
        List<Finding> findings = new ArrayList<>();
        try {
            for (OtherNodes.Seen node : OtherNodes.look(config)) {
                String at = "node " + node.node() + " at " + node.address();
                node.problem()
                        .ifPresentOrElse(
                                why -> findings.add(
                                        Finding.failure(
                                                NODES,
                                                at + " owns partitions, and is not reached from here: " + why,
                                                "look at its dispatcher.reads_host, at [tls.nodes], and at the network between")),
                                () -> {
                                    findings.add(Finding.ok(NODES, at + " is reached"));
                                    findings.add(ClockCheck.compare(
                                            "node " + node.node(),
                                            node.timeMs(),
                                            node.askedMs(),
                                            node.answeredMs(),
                                            Duration.ofSeconds(5)));
                                });
            }
            if (findings.isEmpty()) {
                findings.add(Finding.ok(NODES, "none owns partitions now"));
            }
        } catch (ConfigException | StartException | TlsException | UnavailableException | KafkaException e) {
            findings.add(Finding.failure(
                    NODES,
                    "which nodes there are cannot be found out: " + e.getMessage(),
                    "look at the findings above"));
        }
        return findings;
    }
}

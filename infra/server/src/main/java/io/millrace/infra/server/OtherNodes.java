package io.millrace.infra.server;

import io.millrace.infra.config.ServerConfig;
import io.millrace.proto.directory.KafkaDirectory;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.v1.DispatcherNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which nodes own partitions, and whether they are reached from here. Stateless; waits some seconds for each at the most. */
public final class OtherNodes {

    private OtherNodes() {}

    /**
     * A node that owns partitions.
     *
     * @param node its name
     * @param address where it says that others reach it, host:port
     * @param problem why it is not reached there; empty: it is
     * @param timeMs what its clock showed, milliseconds since the epoch; 0: it did not say
     * @param askedMs this machine's clock when it was asked
     * @param answeredMs the same when it had answered
     */
    public record Seen(
            String node, String address, Optional<String> problem, long timeMs, long askedMs, long answeredMs) {}

    /**
     * Looks at all of them, also at those that seal by other keys: that is to be found out. Nothing is written.
     *
     * @throws io.millrace.infra.tls.TlsException if files for TLS cannot be used
     * @throws org.apache.kafka.common.KafkaException if the directory cannot be read
     */
    public static List<Seen> look(ServerConfig config) {
        List<Seen> seen = new ArrayList<>();
        try (KafkaDirectory directory = new KafkaDirectory(Wiring.directory(config, CommandMacs.OFF));
                NodeLinks links = new NodeLinks(config)) {
            NodeCalls calls = new NodeCalls(links, config.node());
            for (DispatcherNode node : directory.dispatchers()) {
                if (Reachability.ownsSomething(directory, node)) {
                    seen.add(look(calls, node));
                }
            }
        }
        return seen;
    }

    private static Seen look(NodeCalls calls, DispatcherNode node) {
        String address = node.getHost() + ":" + node.getPort();
        long asked = System.currentTimeMillis();
        return calls.who(node.getHost(), node.getPort())
                .handle((answer, failure) -> {
                    long answered = System.currentTimeMillis();
                    Optional<String> problem = failure != null
                            ? Optional.of(NodeCalls.meaning(failure))
                            : answer.getNode().equals(node.getNode())
                                    ? Optional.empty()
                                    : Optional.of("node " + answer.getNode() + " answers there");
                    return new Seen(
                            node.getNode(),
                            address,
                            problem,
                            failure == null ? answer.getTimeMs() : 0,
                            asked,
                            answered);
                })
                .join();
    }
}

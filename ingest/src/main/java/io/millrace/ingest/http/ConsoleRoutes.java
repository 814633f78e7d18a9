package io.millrace.ingest.http;

import io.millrace.ingest.auth.Permissions;
import io.millrace.ingest.auth.Right;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.directory.PartitionHolder;
import io.millrace.proto.v1.DispatcherNode;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** What whoever operates a server asks first: who am I here, and which nodes serve what. */
final class ConsoleRoutes {

    private static final String NOT_PACKAGED = "(not packaged)";
    private static final String NOBODY = "NOBODY";

    private final Directory directory;
    private final int partitions;

    /** @param partitions how many the log has */
    ConsoleRoutes(Directory directory, int partitions) {
        this.directory = directory;
        this.partitions = partitions;
    }

    /** Who shows the key, and what that may do. */
    HttpReply me(HttpCall call) {
        Caller caller = call.asked().caller();
        List<String> rights = Arrays.stream(Right.values())
                .filter(right -> Permissions.has(caller, right))
                .map(Right::name)
                .toList();
        return HttpReply.json(
                200,
                Json.object(json -> json.object(
                                "organisation",
                                organisation -> organisation
                                        .text("id", caller.orgId().toString())
                                        .text("slug", caller.orgSlug()))
                        .text("principal", caller.principal().getId())
                        .text("role", caller.principal().getRole())
                        .list("rights", rights)));
    }

    HttpReply system(NodeStatus status) {
        Map<String, DispatcherNode> nodes = new LinkedHashMap<>();
        directory.dispatchers().stream()
                .sorted(Comparator.comparing(DispatcherNode::getNode))
                .forEach(node -> nodes.put(node.getNode(), node));
        List<Integer> all = IntStream.range(0, partitions).boxed().toList();
        String version = ConsoleRoutes.class.getPackage().getImplementationVersion();
        return HttpReply.json(
                200,
                Json.object(json -> json.text("node", status.node())
                        .text("version", version == null ? NOT_PACKAGED : version)
                        .objects(
                                "nodes",
                                nodes.values(),
                                (item, node) -> item.text("node", node.getNode())
                                        .text("address", node.getHost() + ":" + node.getPort())
                                        .number("partitions", owned(node))
                                        .number("knownRules", node.getKnownRules())
                                        .time("since", node.getSinceMs()))
                        .objects("partitions", all, (item, partition) -> {
                            Optional<PartitionHolder> holder = directory.holderOf(partition);
                            item.number("partition", partition)
                                    .text(
                                            "node",
                                            holder.map(found -> found.node().getNode())
                                                    .orElse(null))
                                    .text(
                                            "stage",
                                            holder.map(found -> found.stage().name())
                                                    .orElse(NOBODY));
                        })));
    }

    private long owned(DispatcherNode node) {
        return IntStream.range(0, partitions)
                .filter(partition -> directory
                        .dispatcherOf(partition)
                        .filter(owner -> owner.getNode().equals(node.getNode()))
                        .isPresent())
                .count();
    }
}

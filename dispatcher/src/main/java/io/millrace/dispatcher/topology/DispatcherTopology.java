package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.dispatcher.partition.NodeContext;
import io.millrace.proto.Topics;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * commands → engine → events, in one sub-topology: a hop between two would wait for a commit.
 */
final class DispatcherTopology {

    private static final String SOURCE = "commands";
    private static final String ENGINE = "engine";
    private static final String SINK = "events";

    private DispatcherTopology() {}

    /**
     * @param cursors the place in the log of a partition, asked for on its stream thread
     * @param commitIntervalMs time between two commits, milliseconds
     */
    static Topology build(NodeContext node, IntFunction<LogCursor> cursors, long commitIntervalMs) {
        ThreadLocal<ThreadCommits> commits =
                ThreadLocal.withInitial(() -> new ThreadCommits(commitIntervalMs, System::nanoTime));
        Topology topology = new Topology()
                .addSource(SOURCE, new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.COMMANDS)
                .addProcessor(ENGINE, () -> new CommandProcessor(node, cursors, commits::get), SOURCE);
        for (StoreBuilder<?> store : Stores.builders()) {
            topology.addStateStore(store, ENGINE);
        }
        return topology.addSink(
                SINK,
                Topics.EVENTS,
                (String topic, EventKey key) -> key.key(),
                new ByteArraySerializer(),
                (String topic, EventKey key, byte[] outcome, int partitions) -> Optional.of(Set.of(key.partition())),
                ENGINE);
    }
}

package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.codec.OutgoingEncoder;
import io.millrace.dispatcher.codec.ReplyEncoder;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.partition.GoldenLog.Row;
import io.millrace.dispatcher.partition.GoldenLog.Sent;
import io.millrace.dispatcher.partition.GoldenLog.Step;
import io.millrace.dispatcher.partition.RecordExecutor.Executed;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.WorkAvailable;
import java.util.ArrayList;
import java.util.List;

/** Carries out a log of commands from its beginning, and keeps all that comes of it. */
final class GoldenRun {

    private static final int MEMORY_BYTES = 200_000;
    private static final String NODE = "node";

    private GoldenRun() {}

    /**
     * @param commands of which append times and records count
     * @param flushEvery commands between two flushes
     */
    static GoldenLog of(String name, int partitions, List<Step> commands, int flushEvery) {
        MemoryStorage storage = new MemoryStorage();
        PartitionState state = new PartitionState(storage, MEMORY_BYTES);
        RecordExecutor executor = new RecordExecutor(new Home(0, partitions), state, new FailedParts());
        Levels levels = new Levels(0, NODE);
        List<Step> steps = new ArrayList<>();
        for (Step step : commands) {
            long offset = steps.size();
            Executed executed =
                    executor.execute(offset, step.appendedMs(), step.command(), RecordExecutor.Writers.UNCHECKED);
            QueueKey claimed = executed.claimed();
            WorkAvailable left = claimed == null ? null : levels.of(claimed, state.handout(), offset);
            List<byte[]> replies = executed.command().getReplyNode().isEmpty()
                    ? List.of()
                    : List.of(ReplyEncoder.encode(executed.command(), executed.outcome(), state, left)
                            .toByteArray());
            List<Sent> sent = new ArrayList<>();
            for (Outgoing outgoing : executed.outcome().outgoing()) {
                sent.add(sent(outgoing, executed, partitions));
            }
            steps.add(
                    Step.of(step.appendedMs(), step.command(), executed.record().toByteArray(), replies, sent));
            if (steps.size() % flushEvery == 0) {
                state.flush();
            }
        }
        state.flush();
        return new GoldenLog(name, partitions, steps, rows(storage));
    }

    private static Sent sent(Outgoing outgoing, Executed executed, int partitions) {
        byte[] value = OutgoingEncoder.encode(
                        outgoing,
                        executed.outcome().timeMs(),
                        "partition 0 offset " + executed.meta().offset(),
                        Rules.MAX_HISTORY_BYTES)
                .toByteArray();
        return new Sent(Shards.partition(outgoing.shard(), partitions), Ids.toBytes(outgoing.commandId()), value);
    }

    private static List<Row> rows(MemoryStorage storage) {
        List<Row> rows = new ArrayList<>();
        for (Table table : Table.values()) {
            storage.scan(table, new byte[0], (key, value) -> rows.add(Row.of(table.name(), key, value)));
        }
        return rows;
    }
}

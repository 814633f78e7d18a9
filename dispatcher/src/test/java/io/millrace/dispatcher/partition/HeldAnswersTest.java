package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dispatcher.codec.CommandRecords;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.EndTenure;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.proto.Ids;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.trace.Spans;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ReplyRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** An answer that has to wait is given once it may be, though nothing else happens in the partition. */
class HeldAnswersTest {

    private static final UUID OTHER = new UUID(1, 1);

    private final ScriptedLease lease = new ScriptedLease();
    private final WrittenCommands sent = new WrittenCommands();
    private final List<ReplyRecord> replies = new ArrayList<>();
    private final Repeater repeater = new Repeater(1_000);
    private final PartitionRuntime runtime = new PartitionRuntime(
            0, new MemoryStorage(), new ScriptedLog(), node(new Partitions(), sent, lease, replies, repeater));
    private long next;

    /** @return a node by itself, which has these partitions */
    static NodeContext node(Partitions here, WrittenCommands sent, ScriptedLease lease, List<ReplyRecord> replies) {
        return node(here, sent, lease, replies, new Repeater(1_000));
    }

    private static NodeContext node(
            Partitions here, WrittenCommands sent, ScriptedLease lease, List<ReplyRecord> replies, Repeater repeater) {
        return new NodeContext(
                "node",
                new NodeContext.Limits(64 << 20, Rules.MAX_HISTORY_BYTES),
                here,
                new NodeContext.Outputs(sent, replies::add, level -> true, Spans.NONE),
                new NodeContext.Background(
                        new DueClock(here, sent, "node", 0, now -> OptionalLong.empty()),
                        new SchedulePlanner(here, sent, "node"),
                        repeater,
                        new IdleDetector()),
                NodeContext.Faults.none(),
                new PartitionMetrics(),
                new WriterCheck(CommandMacs.OFF, new PartitionMetrics()),
                new TenureContext(new Instance(0), () -> lease, Announcements.NONE, System::nanoTime, () -> false));
    }

    private void process(Command command, String replyNode) {
        CommandMeta meta = new CommandMeta(new UUID(5, next), new UUID(0, 0), 0, 0, next, 0);
        CommandRecord record = CommandRecords.of(meta, command).toBuilder()
                .setReplyNode(replyNode)
                .build();
        runtime.process(next++, 1_000_000, record.toByteArray());
    }

    private UUID own() throws InterruptedException {
        return Ids.fromBytes(sent.take().command().getBeginTenure().getTenureId());
    }

    @Test
    void theGoodbyeOfTheOwnerBeforeSetsThemFree() throws Exception {
        lease.formerOwnersOut = false;
        process(new BeginTenure(OTHER, "there", 1, 0, 0, 0), "");
        process(new BeginTenure(own(), "node", 1, 0, 0, 0), "");
        process(new RaiseRules(Rules.VERSION), "asker");
        assertTrue(replies.isEmpty(), "the owner before may still answer reads");

        process(new EndTenure(OTHER, "there"), "");

        assertEquals(
                List.of("asker"), replies.stream().map(ReplyRecord::getNode).toList());
    }

    @Test
    void aPartitionIsNotQuietWhileAnyWait() throws Exception {
        process(new BeginTenure(own(), "node", 1, 0, 0, 0), "");
        process(new BeginTenure(OTHER, "there", 1, 0, 0, 0), "");
        process(new RaiseRules(Rules.VERSION), "asker");
        runtime.beforeCommit();
        assertTrue(replies.isEmpty());
        assertFalse(runtime.quiet());

        runtime.close();
        repeater.repeat();
        assertTrue(replies.isEmpty(), "the other gives it");
    }

    @Test
    void whatACloseLeavesBehindIsGivenBeforeTheNodeIsGone() throws Exception {
        process(new BeginTenure(own(), "node", 1, 0, 0, 0), "");
        process(new BeginTenure(OTHER, "there", 1, 0, 0, 0), "");
        process(new RaiseRules(Rules.VERSION), "asker");
        runtime.beforeCommit();
        runtime.tick();

        runtime.close();
        repeater.close();

        assertEquals(
                List.of("asker"), replies.stream().map(ReplyRecord::getNode).toList());
    }

    /** Then it would not be ready any more, and share its memory with one that it has not. */
    @Test
    void aPartitionIsGoneThoughItsPlaceInTheLogCannotBeClosed() {
        Partitions here = new Partitions();
        PartitionRuntime closing = new PartitionRuntime(
                0,
                new MemoryStorage(),
                new ScriptedLog() {
                    @Override
                    public void close() {
                        throw new IllegalStateException("Kafka's client fails, for the test");
                    }
                },
                node(here, new WrittenCommands(), lease, replies));
        assertThrows(IllegalStateException.class, closing::close);
        assertEquals(List.of(), List.copyOf(here.all()));
    }

    /** The next owner begins behind what was committed, and never answers it. */
    @Test
    void whatWasCommittedWhileItWaitedIsAnsweredThoughThePartitionIsGone() throws Exception {
        lease.formerOwnersOut = false;
        process(new BeginTenure(OTHER, "there", 1, 0, 0, 0), "");
        process(new BeginTenure(own(), "node", 1, 0, 0, 0), "");
        process(new RaiseRules(Rules.VERSION), "asker");
        runtime.beforeCommit();
        runtime.tick();
        process(new RaiseRules(Rules.VERSION), "later");
        runtime.beforeCommit();

        runtime.close();
        repeater.repeat();
        assertTrue(replies.isEmpty(), "the owner before may still answer reads");
        lease.formerOwnersOut = true;
        repeater.repeat();
        repeater.repeat();

        assertEquals(
                List.of("asker"),
                replies.stream().map(ReplyRecord::getNode).toList(),
                "of the later one nobody knows whether it was committed");
    }
}

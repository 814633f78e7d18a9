package io.millrace.dispatcher.topology;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.dispatcher.codec.CommandDecoder;
import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.dispatcher.codec.ReplyEncoder;
import io.millrace.dispatcher.engine.Engine;
import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.Outgoing;
import io.millrace.dispatcher.engine.Refusal;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.state.QueueKey;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.WorkAvailable;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka Streams around the engine, for one partition. Outcomes leave with the commit; answers, levels and commands for
 * others leave at once, which is right because the command is durable and the engine deterministic: whatever happens, the
 * same comes out again. Stream thread only.
 */
final class CommandProcessor implements Processor<byte[], byte[], EventKey, OutcomeRecord> {

    private static final Logger LOG = LoggerFactory.getLogger(CommandProcessor.class);
    private static final UUID NOBODY = new UUID(0, 0);
    private static final Duration TICK = Duration.ofMillis(50);
    /** Executions that leave the store in one tick, so that a commit has not to delete thousands while commands wait. */
    private static final int EVICTIONS = 100;

    private final Surroundings surroundings;
    private ProcessorContext<EventKey, OutcomeRecord> context;
    private PartitionState state;
    private Engine engine;
    private Outbox outbox;
    private Levels levels;
    private Partition partition;
    private HistoryWatch histories;
    private long lastOffset = -1;
    private boolean changelogInTransaction;

    CommandProcessor(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void init(ProcessorContext<EventKey, OutcomeRecord> context) {
        this.context = context;
        int number = context.taskId().partition();
        StreamsStorage storage = new StreamsStorage(Stores.open(context));
        state = new PartitionState(storage, surroundings.residents());
        engine = new Engine(state);
        histories = new HistoryWatch(state, surroundings.tally(), surroundings.maxHistoryBytes());
        outbox = new Outbox(storage, surroundings.writer(), surroundings.maxHistoryBytes());
        levels = new Levels(number, surroundings.node());
        WriteBehindStore hook = context.getStateStore(WriteBehindStore.NAME);
        hook.beforeCommit(() -> {
            state.flush();
            outbox.flush();
            changelogInTransaction = false;
        });
        lastOffset = state.offset();
        partition = new Partition(number, state);
        updateDue();
        surroundings.partitions().opened(partition);
        // With jitter, so that the partitions of a cluster do not speak all at once.
        long everyMs = surroundings.repeatMs() + ThreadLocalRandom.current().nextLong(surroundings.repeatMs() / 4 + 1);
        context.schedule(Duration.ofMillis(everyMs), PunctuationType.WALL_CLOCK_TIME, now -> repeat());
        context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, now -> tick());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        lastOffset = context.recordMetadata().map(RecordMetadata::offset).orElse(lastOffset + 1);
        CommandRecord command = CommandRecord.getDefaultInstance();
        CommandMeta meta = new CommandMeta(NOBODY, NOBODY, record.timestamp(), lastOffset, 0);
        Command decoded = null;
        Outcome outcome;
        partition.turn();
        try {
            if (record.value() == null) {
                throw new IllegalArgumentException("expected a command, but the record is empty");
            }
            command = CommandRecord.parseFrom(record.value());
            meta = meta(command);
            decoded = CommandDecoder.decode(command);
            outcome = engine.process(meta, decoded);
        } catch (InvalidProtocolBufferException e) {
            outcome = poison(meta, "it is no message of this kind", e);
        } catch (IllegalArgumentException e) {
            outcome = poison(meta, e.getMessage(), e);
        }
        partition.turn();
        if (outcome.failure() != null) {
            LOG.error(
                    "the engine failed on the command at offset {} of partition {}, which is passed over",
                    lastOffset,
                    partition.number(),
                    outcome.failure());
        }
        context.forward(new Record<>(
                new EventKey(partition.number(), record.key()),
                OutcomeEncoder.encode(command, lastOffset, outcome),
                Math.max(0, outcome.timeMs())));
        for (Outgoing outgoing : outcome.outgoing()) {
            outbox.send(outgoing, outcome.timeMs(), partition.number(), lastOffset);
        }
        partition.position(lastOffset);
        surroundings.tally().done(command.getBodyCase(), outcome);
        histories.watch(outcome);
        if (decoded instanceof Command.FireDue) {
            partition.firingSinceMs(0);
        }
        QueueKey claimed = claimed(decoded, meta, outcome);
        WorkAvailable left = claimed == null ? null : levels.of(claimed, state.ready(), lastOffset);
        if (!command.getReplyNode().isEmpty()) {
            surroundings.replies().deliver(ReplyEncoder.encode(command, outcome, state, left));
        }
        if (left != null) {
            surroundings.hints().offer(left);
        }
        // Cancelled, or timed out: nobody is to be told of work that has gone.
        state.ready().drainShrunk().forEach(queue -> offer(queue, claimed));
        state.ready().drainGrown().forEach(queue -> offer(queue, claimed));
        partition.watches().happened(outcome.events());
        updateDue();
        enterChangelog();
        surroundings.lull().commandDone();
    }

    private Outcome poison(CommandMeta meta, String text, Exception e) {
        LOG.error("passed over the command at offset {} of partition {}", lastOffset, partition.number(), e);
        return engine.refuse(
                meta,
                new Refusal(
                        Refusal.Reason.POISON, "expected a record that can be decoded, but this cannot: " + text));
    }

    /**
     * The first write of a transaction into a partition makes the broker ask the transaction's coordinator. Written early,
     * a small record gets that over with while commands are carried out, instead of during the commit, when they wait.
     */
    private void enterChangelog() {
        if (!changelogInTransaction) {
            changelogInTransaction = true;
            state.storePartition();
        }
    }

    private void offer(QueueKey queue, QueueKey offered) {
        if (!queue.equals(offered)) {
            surroundings.hints().offer(levels.of(queue, state.ready(), lastOffset));
        }
    }

    /** @return the queue that was claimed from, null where nothing was */
    private static QueueKey claimed(Command decoded, CommandMeta meta, Outcome outcome) {
        Command.ClaimWork claims = switch (decoded) {
            case Command.ClaimWork alone -> alone;
            case Command.WithClaims ridden when outcome.refusal() == null -> ridden.claims();
            case null, default -> null; // every other command claims nothing
        };
        return claims == null ? null : new QueueKey(meta.orgId(), claims.workType(), claims.queue());
    }

    private CommandMeta meta(CommandRecord command) {
        return new CommandMeta(
                Ids.fromBytes(command.getCommandId()),
                Ids.fromBytes(command.getOrgId()),
                command.getTimeMs(),
                lastOffset,
                command.getMaxHistoryBytes());
    }

    private void updateDue() {
        Due next = state.dues().first();
        long atMs = next == null ? Partition.NEVER : next.atMs();
        if (atMs != partition.nextDueMs() || atMs <= state.timeMs()) {
            partition.nextDueMs(atMs);
            surroundings.clock().consider(atMs);
        }
    }

    /** Does what need not be done with every command. */
    private void tick() {
        state.flushEvicted(EVICTIONS);
        state.flushClosed();
        for (QueueKey queue : state.ready().drainChanged()) {
            partition.queue(queue, levels.depth(queue, state.ready()));
        }
        // In a lull a commit makes nobody wait, and lets the events be seen sooner.
        if (changelogInTransaction && surroundings.lull().now()) {
            context.commit();
        }
    }

    /** Levels are repeated while work stands unclaimed, so that a lost one costs a moment and strands nothing. */
    private void repeat() {
        for (QueueKey queue : state.ready().nonEmpty()) {
            surroundings.hints().offer(levels.of(queue, state.ready(), lastOffset));
        }
        if (outbox.retry()) {
            context.commit();
        }
    }

    @Override
    public void close() {
        surroundings.partitions().closed(partition);
    }
}

package io.millrace.dispatcher.topology;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.partition.DamagedRecords;
import io.millrace.dispatcher.partition.DueClock;
import io.millrace.dispatcher.partition.FailedParts;
import io.millrace.dispatcher.partition.IdleDetector;
import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.dispatcher.partition.NodeContext;
import io.millrace.dispatcher.partition.PartitionMetrics;
import io.millrace.dispatcher.partition.Partitions;
import io.millrace.dispatcher.partition.Repeater;
import io.millrace.dispatcher.partition.SchedulePlanner;
import io.millrace.dispatcher.partition.TenureContext;
import io.millrace.dispatcher.partition.WriterCheck;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.trace.Spans;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.WorkAvailable;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Properties;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** One who owns partition 0 for a while, over a store that may have been another's before. */
final class Owner {

    final List<ReplyRecord> replies = new ArrayList<>();
    final List<WorkAvailable> levels = new ArrayList<>();
    final SentCommands sent = new SentCommands();
    final Partitions partitions = new Partitions();
    private final Repeater repeater = new Repeater(1_000);
    final KeyValueStore<Bytes, byte[]> store;
    private final MockProcessorContext<EventKey, byte[]> context;
    private final WriteBehindStore hook = new WriteBehindStore();
    private final ThreadCommits commits = new ThreadCommits(100, System::nanoTime);
    private final CommandProcessor processor;
    private long offset;

    /** One who owns it, its tenure having begun at the offset. */
    static Owner owning(KeyValueStore<Bytes, byte[]> store, long offset, Path folder) {
        Owner owner = new Owner(store, offset, folder, TenureContext.ofTheOnlyNode());
        owner.own();
        return owner;
    }

    /**
     * One who was given it and has still to begin.
     *
     * @param offset of the next command
     */
    Owner(KeyValueStore<Bytes, byte[]> store, long offset, Path folder, TenureContext tenures) {
        this(store, offset, folder, tenures, new DamagedRecords(), new WholeLog());
    }

    /** The same, with what its node knows of damage already, and another log. */
    Owner(
            KeyValueStore<Bytes, byte[]> store,
            long offset,
            Path folder,
            TenureContext tenures,
            DamagedRecords damaged,
            LogCursor log) {
        this.store = store;
        this.offset = offset;
        KafkaCommandWriter writer = new KafkaCommandWriter(new TopicWriter(Topics.COMMANDS, sent), 4, CommandMacs.OFF);
        DueClock clock = new DueClock(partitions, writer, "node", 0, now -> OptionalLong.empty());
        processor = new CommandProcessor(
                new NodeContext(
                        "node",
                        new NodeContext.Limits(100, Rules.MAX_HISTORY_BYTES),
                        partitions,
                        new NodeContext.Outputs(writer, replies::add, level -> levels.add(level), Spans.NONE),
                        new NodeContext.Background(
                                clock, new SchedulePlanner(partitions, writer, "node"), repeater, new IdleDetector()),
                        new NodeContext.Faults(new FailedParts(), damaged),
                        new PartitionMetrics(),
                        new WriterCheck(CommandMacs.OFF, new PartitionMetrics()),
                        tenures),
                partition -> log,
                () -> commits);
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        context = new MockProcessorContext<>(settings, new TaskId(0, 0), new File(folder.toString()));
        context.addStateStore(store);
        hook.init(context.getStateStoreContext(), hook);
        context.addStateStore(hook);
        processor.init(context);
    }

    /** @return an empty store, which keeps its contents however many own it one after another */
    static KeyValueStore<Bytes, byte[]> emptyStore() {
        return org.apache.kafka.streams.state.Stores.inMemoryKeyValueStore(Stores.STATE)
                .get();
    }

    /** Lets the command through with which the tenure begins. */
    void own() {
        process(begin().toBuilder());
    }

    /** @return the command with which the tenure begins, still to come through */
    CommandRecord begin() {
        return sent.takeTenure();
    }

    /** @return offset of the next command */
    long next() {
        return offset;
    }

    /** @return what came of the command */
    OutcomeRecord process(CommandRecord.Builder command) {
        deliver(command);
        try {
            return OutcomeRecord.parseFrom(
                    context.forwarded().getFirst().record().value());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /** Brings the command, whatever comes of it. */
    void deliver(CommandRecord.Builder command) {
        CommandRecord record = command.build();
        context.setRecordMetadata(Topics.COMMANDS, 0, offset++);
        context.resetForwards();
        processor.process(new Record<>(record.getCommandId().toByteArray(), record.toByteArray(), record.getTimeMs()));
    }

    /** What Kafka Streams does before every commit. */
    void commit() {
        hook.flushCache();
    }

    /** What happens now and then, whatever comes: levels are repeated, the outbox is looked through. */
    void repeat() {
        repeater.repeat();
    }

    /**
     * Lets some time pass for Kafka Streams, as happens some ten times a second.
     *
     * @return whether that does anything at all, and so ends in a commit
     */
    boolean tick() {
        List<MockProcessorContext.CapturedPunctuator> live = context.scheduledPunctuators().stream()
                .filter(punctuator -> !punctuator.cancelled())
                .toList();
        live.forEach(punctuator -> punctuator.getPunctuator().punctuate(0));
        return !live.isEmpty();
    }

    long nextDueMs() {
        return partitions.get(0).nextDueMs();
    }

    long stored(Table table) {
        return stored(store, table);
    }

    /** @return rows of the table in the store of a partition */
    static long stored(KeyValueStore<Bytes, byte[]> store, Table table) {
        long count = 0;
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                if (all.next().key.get()[0] == Stores.prefix(table)) {
                    count++;
                }
            }
        }
        return count;
    }

    void close() {
        processor.close();
    }
}

package io.millrace.dispatcher.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.partition.DueClock;
import io.millrace.dispatcher.partition.IdleDetector;
import io.millrace.dispatcher.partition.NodeContext;
import io.millrace.dispatcher.partition.Partition;
import io.millrace.dispatcher.partition.PartitionMetrics;
import io.millrace.dispatcher.partition.Partitions;
import io.millrace.dispatcher.partition.Repeater;
import io.millrace.dispatcher.partition.SchedulePlanner;
import io.millrace.dispatcher.partition.TenureContext;
import io.millrace.dispatcher.partition.WriterCheck;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.Topics;
import io.millrace.proto.kafka.SealHeader;
import io.millrace.proto.kafka.TopicWriter;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.trace.Spans;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.CommandRecord.BodyCase;
import io.millrace.proto.v1.FireDue;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.RecordRefusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.SignalWorkflow;
import io.millrace.proto.v1.SubmittedCommand;
import io.millrace.proto.v1.WorkAvailable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.BytesDeserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Streams around the engine: what goes in as a command comes out as outcome, answer, level and further commands. */
class TopologyTest {

    private static final int PARTITIONS = 4;
    private static final long HISTORY_LIMIT = 70_000;

    @TempDir
    private Path folder;

    private final List<ReplyRecord> replies = new ArrayList<>();
    private final List<WorkAvailable> levels = new ArrayList<>();
    private final PartitionMetrics tally = new PartitionMetrics();
    private final Partitions partitions = new Partitions();
    private final Repeater repeater = new Repeater(1_000);
    private final SentCommands producer = new SentCommands();
    private final KafkaCommandWriter writer =
            new KafkaCommandWriter(new TopicWriter(Topics.COMMANDS, producer), PARTITIONS, CommandMacs.OFF);
    private final DueClock clock = new DueClock(partitions, writer, "node", HISTORY_LIMIT, now -> OptionalLong.empty());
    private CommandMacs macs = CommandMacs.OFF;
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> commands;
    private TestOutputTopic<byte[], byte[]> events;

    private void open() {
        NodeContext surroundings = new NodeContext(
                "node",
                new NodeContext.Limits(1_000, HISTORY_LIMIT),
                partitions,
                new NodeContext.Outputs(writer, replies::add, level -> levels.add(level), Spans.NONE),
                new NodeContext.Background(
                        clock, new SchedulePlanner(partitions, writer, "node"), repeater, new IdleDetector()),
                NodeContext.Faults.none(),
                tally,
                new WriterCheck(macs, tally),
                TenureContext.ofTheOnlyNode());
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        driver = new TopologyTestDriver(
                DispatcherTopology.build(surroundings, partition -> new WholeLog(), 100), settings);
        commands = driver.createInputTopic(Topics.COMMANDS, new ByteArraySerializer(), new ByteArraySerializer());
        events = driver.createOutputTopic(Topics.EVENTS, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Lets the command through with which the tenure of this node begins. */
    @BeforeEach
    void own() throws Exception {
        open();
        write(producer.takeTenure().toBuilder());
        assertEquals("begin_tenure", outcome().getCommand());
    }

    @AfterEach
    void close() {
        clock.close();
        driver.close();
    }

    private void write(CommandRecord.Builder command) {
        CommandRecord record = command.build();
        commands.pipeInput(record.getCommandId().toByteArray(), record.toByteArray());
    }

    private OutcomeRecord outcome() throws InvalidProtocolBufferException {
        return OutcomeRecord.parseFrom(events.readValue());
    }

    private UUID start() {
        UUID id = Shards.newId(0);
        write(TestCommands.start(id));
        return id;
    }

    /** Claims the workflow and submits one step. */
    private void submit(UUID id, SubmittedCommand.Builder step) {
        write(TestCommands.claim());
        write(TestCommands.submit(id, step));
    }

    private long stored(Table table) {
        return Owner.stored(driver.getKeyValueStore(Stores.STATE), table);
    }

    @Test
    void aCommandGivesOneOutcomeItsAnswerAndTheLevel() throws Exception {
        UUID id = start();

        OutcomeRecord outcome = outcome();
        assertTrue(events.isEmpty());
        assertEquals("start_workflow", outcome.getCommand());
        assertEquals("WORKFLOW_STARTED", outcome.getEvents(0).getType());
        assertEquals(id, Ids.fromBytes(outcome.getEvents(0).getExecutionId()));
        assertEquals(32, outcome.getEvents(0).getHash().size());

        assertEquals(1, replies.size());
        assertEquals(42, replies.getFirst().getReplySequence());
        assertTrue(replies.getFirst().getWorkflowStarted().getCreated());

        assertEquals(1, levels.size());
        assertEquals("orders", levels.getFirst().getQueue());
        assertEquals(1, levels.getFirst().getKinds(0).getReady());
    }

    @Test
    void whatCannotBeDecodedIsRefusedOnTheEventsTopicAndStopsNothing() throws Exception {
        commands.pipeInput(new byte[] {1}, new byte[] {-1, -1, -1, -1});
        commands.pipeInput(new byte[] {2}, (byte[]) null);
        write(TestCommands.command());
        UUID id = start();

        for (int i = 0; i < 3; i++) {
            OutcomeRecord refused = outcome();
            assertEquals(RefusalReason.POISON, refused.getRefusal().getReason());
            assertTrue(
                    refused.getRefusal().getText().startsWith("expected "),
                    refused.getRefusal().getText());
            assertEquals(i + 1, refused.getCommandOffset());
        }
        assertEquals(id, Ids.fromBytes(outcome().getEvents(0).getExecutionId()));
    }

    @Test
    void whatTheEngineFailsOnIsRefusedAndStopsNothing() throws Exception {
        write(TestCommands.command()
                .setRecordRefusal(
                        RecordRefusal.newBuilder().setMethod("StartWorkflow").setReason("NO_SUCH_REASON")));
        UUID id = start();

        OutcomeRecord refused = outcome();
        assertEquals(RefusalReason.POISON, refused.getRefusal().getReason());
        assertTrue(
                refused.getRefusal().getText().startsWith("expected "),
                refused.getRefusal().getText());
        assertEquals(RefusalReason.POISON, replies.getFirst().getRefusal().getReason(), "its caller is answered");
        assertEquals(id, Ids.fromBytes(outcome().getEvents(0).getExecutionId()));
    }

    @Test
    void anIdThatIsNoneIsRefusedAndItsCallerAnswered() throws Exception {
        write(TestCommands.start(Shards.newId(0)).setOrgId(ByteString.copyFromUtf8("no id")));
        OutcomeRecord refused = outcome();
        assertEquals(RefusalReason.POISON, refused.getRefusal().getReason());
        assertEquals(42, replies.getFirst().getReplySequence());
        assertTrue(levels.isEmpty());
    }

    @Test
    void whatIsDoneIsCounted() {
        UUID id = start();
        submit(id, SubmittedCommand.newBuilder());
        submit(id, SubmittedCommand.newBuilder());
        write(TestCommands.command()
                .setRecordRefusal(
                        RecordRefusal.newBuilder().setMethod("StartWorkflow").setReason("INVALID_ARGUMENT")));
        commands.pipeInput(new byte[] {1}, new byte[] {-1, -1, -1, -1});

        assertEquals(1, tally.commands(BodyCase.START_WORKFLOW));
        assertEquals(2, tally.commands(BodyCase.CLAIM_WORK));
        assertEquals(2, tally.commands(BodyCase.SUBMIT_COMMANDS));
        assertEquals(1, tally.commands(BodyCase.BODY_NOT_SET));
        assertEquals(1, tally.refusals(Refusal.Reason.INVALID_ARGUMENT));
        assertEquals(1, tally.refusals(Refusal.Reason.POISON));
        assertTrue(tally.events() >= 3, "started, claimed, suspended");
    }

    @Test
    void aHistoryThatComesNearItsLimitIsSpokenOfOnce() {
        UUID id = start();
        assertEquals(0, tally.longHistories());
        submit(
                id,
                SubmittedCommand.newBuilder()
                        .setRecordOperation(SubmittedCommand.RecordOperation.newBuilder()
                                .setOperationName("large")
                                .setResult(ByteString.copyFromUtf8('"' + "x".repeat(800_000) + '"'))));
        assertEquals(1, tally.longHistories(), "800 kB of 1 MiB");

        write(TestCommands.command()
                .setSignalWorkflow(SignalWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .setSignalName("more")
                        .setMaxSignals(10)));
        assertEquals(1, tally.longHistories());
    }

    @Test
    void workThatIsCancelledBeforeAnybodyClaimedItLeavesTheLevel() {
        UUID id = start();
        write(TestCommands.command()
                .setCancelWorkflow(CancelWorkflow.newBuilder()
                        .setExecutionId(Ids.toByteString(id))
                        .setReason("changed my mind")));

        assertEquals(2, levels.size());
        assertEquals("orders", levels.getLast().getQueue());
        assertEquals(0, levels.getLast().getKindsCount());
        assertTrue(levels.getLast().getComplete());
        assertTrue(levels.getLast().getPosition() > levels.getFirst().getPosition());
    }

    @Test
    void stateReachesTheStoreWithTheCommit() {
        start();
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        assertEquals(1, stored(Table.HISTORY));
        assertEquals(1, stored(Table.READY));
        assertEquals(2, stored(Table.PARTITION), "its record, and who wrote the changelog");
    }

    @Test
    void theChangelogAloneBringsTheStateBack() {
        UUID waiting = start();
        submit(waiting, TestCommands.timer("sleep-1", 500));
        UUID ready = start();
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        KeyValueStore<Bytes, byte[]> restored = Owner.emptyStore();
        driver.createOutputTopic("test-state-changelog", new BytesDeserializer(), new ByteArrayDeserializer())
                .readKeyValuesToList()
                .forEach(change -> restored.put(change.key, change.value));

        Owner next = Owner.owning(restored, 5, folder);

        assertEquals(1_000_500, next.nextDueMs());
        next.process(TestCommands.claim());
        assertEquals(
                ready,
                Ids.fromBytes(
                        next.replies.getLast().getWorkClaimed().getResults(0).getExecutionId()));
        OutcomeRecord fired = next.process(TestCommands.command()
                .setTimeMs(1_000_500)
                .setFireDue(FireDue.newBuilder().setLimit(10)));
        assertEquals(waiting, Ids.fromBytes(fired.getEvents(0).getExecutionId()));
        assertEquals(4, fired.getEvents(0).getHistorySequence(), "started, timer, suspended, fired");
    }

    @Test
    void aCommandForAnotherPartitionIsSentAtOnceKeptAndStruckWhenKafkaHasIt() throws Exception {
        UUID parent = start();
        submit(parent, TestCommands.child(Shards.newId(3)));

        assertEquals(1, producer.history().size());
        assertEquals(3, producer.history().getFirst().partition());
        assertEquals(
                HISTORY_LIMIT,
                SentCommands.command(producer.history().getFirst()).getMaxHistoryBytes());
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        assertEquals(1, stored(Table.OUTBOX));

        producer.errorNext(new IllegalStateException("no broker"));
        repeater.repeat();
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        assertEquals(2, producer.history().size(), "expected it to be sent again");
        assertEquals(1, stored(Table.OUTBOX));

        producer.completeNext();
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        driver.advanceWallClockTime(Duration.ofSeconds(2));
        assertEquals(2, producer.history().size());
        assertEquals(0, stored(Table.OUTBOX));
    }

    @Test
    void theNextDueTimeIsKnownAndFiringIsACommandLikeAnyOther() throws Exception {
        UUID id = start();
        submit(id, TestCommands.timer("sleep-1", 500));
        Partition partition = partitions.get(0);
        assertEquals(1_000_500, partition.nextDueMs());
        while (!events.isEmpty()) {
            events.readValue();
        }
        levels.clear();

        write(TestCommands.command()
                .setTimeMs(1_000_500)
                .clearReplyNode()
                .setFireDue(FireDue.newBuilder().setLimit(10)));

        assertTrue(outcome().getEventsList().stream()
                .anyMatch(event -> event.getType().equals("TIMER_FIRED")));
        assertFalse(levels.isEmpty(), "expected the workflow's queue to be told");
        assertNotEquals(1_000_500, partition.nextDueMs());
    }

    @Test
    void theClockWritesWhatIsDueAndTheTopologyCarriesItOut() throws Exception {
        UUID id = start();
        submit(id, TestCommands.timer("sleep-1", 500)); // long ago by the real clock
        clock.start();
        ProducerRecord<byte[], byte[]> written = producer.take();
        assertEquals(0, written.partition());
        while (!events.isEmpty()) {
            events.readValue();
        }

        commands.pipeInput(written.key(), written.value());

        OutcomeRecord outcome = outcome();
        assertEquals("fire_due", outcome.getCommand());
        assertEquals("TIMER_FIRED", outcome.getEvents(0).getType());
        assertEquals(id, Ids.fromBytes(outcome.getEvents(0).getExecutionId()));
    }

    @Test
    void levelsAreRepeatedWhileWorkStandsUnclaimed() {
        start();
        levels.clear();
        repeater.repeat();
        assertEquals(1, levels.size());
    }

    @Test
    void theDepthOfAQueueIsSeenFromOutside() {
        start();
        start();
        driver.advanceWallClockTime(Duration.ofMillis(60));
        assertEquals(1, partitions.get(0).queues().size());
        assertEquals(2, partitions.get(0).queues().iterator().next().view().getReady());
    }

    @Test
    void whereNodesHaveKeysOutcomesAreSealedAndStayAsTheyAre(@TempDir Path other) throws Exception {
        start();
        TestRecord<byte[], byte[]> plain = events.readRecord();
        assertEquals(0, plain.headers().toArray().length);
        driver.close();
        macs = new CommandMacs(MacMode.WRITE, new MacKeys(List.of(new MacKey("k1", new byte[MacKey.LEAST_BYTES]))));
        folder = other;
        open();
        start();

        TestRecord<byte[], byte[]> sealed = events.readRecord();
        RecordSeals seals = new RecordSeals(RecordSeals.Kind.OUTCOME, macs);
        byte[] seal = SealHeader.in(sealed.headers());
        assertEquals(MacVerdict.MAC_VALID, seals.check(RecordSeals.place(0), sealed.value(), seal));
        assertEquals(MacVerdict.MAC_WRONG, seals.check(RecordSeals.place(1), sealed.value(), seal));
        assertEquals(1, sealed.headers().toArray().length);
        assertEquals("start_workflow", OutcomeRecord.parseFrom(sealed.value()).getCommand());
    }
}

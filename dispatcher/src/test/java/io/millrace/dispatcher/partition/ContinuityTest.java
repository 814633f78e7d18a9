package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.codec.CommandRecords;
import io.millrace.dispatcher.engine.FaultyStorage;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.RandomLog;
import io.millrace.dispatcher.engine.command.Command;
import io.millrace.dispatcher.engine.command.Command.BeginTenure;
import io.millrace.dispatcher.engine.command.Command.RaiseRules;
import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.StorageException;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.proto.Ids;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.trace.Spans;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets are lost, stores lose their ends, logs have holes: what was carried out once is written once, and nothing is left out. */
class ContinuityTest {

    private static final int PARTITIONS = 4;
    private static final byte[] PARTITION_KEY = {0};
    private static final UUID WRITER = new UUID(7, 7);
    /** Where the version of the rules stands in the record of the partition. */
    private static final int RULES_AT = 1 + 8 + 8 + 36 + 36 + 8;

    private final ScriptedLog log = new ScriptedLog();
    private final List<OutcomeRecord> events = new ArrayList<>();
    private final List<ReplyRecord> replies = new ArrayList<>();
    private final WrittenCommands sent = new WrittenCommands();
    private final Partitions partitions = new Partitions();
    private NodeContext node = node(partitions, CommandMacs.OFF);
    private MemoryStorage committed = new MemoryStorage();
    private FaultyStorage faults = faultyAt(Long.MAX_VALUE);
    /** What the group committed. */
    private long groupOffset;
    /** Of the command that the node wrote last. */
    private long number;

    private NodeContext node(Partitions here, CommandMacs macs) {
        return new NodeContext(
                "node",
                new NodeContext.Limits(64 << 20, Rules.MAX_HISTORY_BYTES),
                here,
                new NodeContext.Outputs(sent, replies::add, level -> true, Spans.NONE),
                new NodeContext.Background(
                        new DueClock(here, sent, "node", 0, now -> OptionalLong.empty()),
                        new SchedulePlanner(here, sent, "node"),
                        new Repeater(1_000),
                        new IdleDetector()),
                NodeContext.Faults.none(),
                new PartitionMetrics(),
                new WriterCheck(macs, new PartitionMetrics()),
                TenureContext.ofTheOnlyNode());
    }

    /** One who has partition 0 until it crashes; what it committed stays. */
    private final class Owner {
        private final MemoryStorage storage = committed.copy();
        private final PartitionRuntime runtime;
        private final List<OutcomeRecord> written = new ArrayList<>();
        private long consumed;

        private Owner() {
            log.begin(groupOffset);
            log.outcomes(events);
            consumed = groupOffset;
            runtime = new PartitionRuntime(0, faults.over(storage), log, node);
        }

        /** Takes so many records in, or fewer if there are no more. */
        private Owner takes(int records) {
            for (int i = 0; i < records; i++) {
                long offset = log.next();
                if (offset < 0) {
                    return this;
                }
                OutcomeRecord outcome = runtime.process(offset, log.appendedMs(offset), log.record(offset));
                consumed = offset + 1;
                if (outcome != null) {
                    written.add(outcome);
                }
            }
            return this;
        }

        private Owner takesAll() {
            return takes(Integer.MAX_VALUE);
        }

        private void commits() {
            runtime.beforeCommit();
            committed = storage.copy();
            if (node.writers().outcomeSeals().mode() != MacMode.OFF) {
                written.forEach(outcome -> log.seal(outcome, MacVerdict.MAC_VALID));
            }
            events.addAll(written);
            written.clear();
            groupOffset = consumed;
        }
    }

    private static FaultyStorage faultyAt(long call) {
        return new FaultyStorage(
                call, () -> new StorageException("expected to use the store, but the disk is broken", null));
    }

    private void logOf(int commands) {
        RandomLog.ofFirst(PARTITIONS, 7)
                .entries(commands)
                .forEach(entry -> log.append(
                        CommandRecords.of(entry.meta(), entry.command()).toByteArray()));
    }

    private void append(Command command) {
        CommandMeta meta = new CommandMeta(new UUID(5, log.end()), new UUID(0, 0), 0, 0, log.end(), 0);
        log.append(CommandRecords.of(meta, command).toByteArray());
    }

    private List<Long> offsetsOfEvents() {
        return events.stream().map(OutcomeRecord::getCommandOffset).toList();
    }

    /** @param why part of what is said */
    private void assertStopped(String why) {
        String said = partitions.stopped().get(0);
        assertTrue(said.contains(why), said);
    }

    private static List<Long> upTo(long end) {
        return LongStream.range(0, end).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 2_500})
    void offsetsThatTheGroupLostCauseNothingToBeCarriedOutTwice(int commands) {
        logOf(commands);
        new Owner().takesAll().commits();
        String stores = committed.dump();
        int answers = replies.size();
        groupOffset = 0;

        Owner next = new Owner().takesAll();
        next.commits();
        assertEquals(upTo(commands), offsetsOfEvents());
        assertEquals(stores, committed.dump());
        assertEquals(answers, replies.size());
        assertEquals(commands > 1_000 ? List.of((long) commands) : List.of(), log.seeks());

        append(new RaiseRules(Rules.VERSION));
        next.takesAll().commits();
        assertEquals(upTo(commands + 1), offsetsOfEvents());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 25, 59})
    void aStateThatLostItsEndIsMadeGoodFromTheLogAndNothingIsWrittenTwice(int left) {
        logOf(80);
        new Owner().takes(left).commits();
        MemoryStorage cut = committed;
        new Owner().takes(60 - left).commits();
        List<OutcomeRecord> before = List.copyOf(events);
        committed = cut;
        int answers = replies.size();

        Owner next = new Owner().takes(60 - left);
        next.commits();
        assertEquals(before, events);
        assertEquals(answers, replies.size());
        next.takesAll().commits();

        assertEquals(upTo(80), offsetsOfEvents());
        assertEquals(storesOf(80), withoutMark(committed));
    }

    /** A partition may have no leader for hours. What waited for it was lost with the state. */
    @Test
    void whatIsMadeGoodIsSentAgainThoughItWasDecidedHoursAgo() {
        log.pace(TimeUnit.MINUTES.toMillis(1));
        logOf(800);
        new Owner().takes(700).commits();
        List<ByteString> first = sent.toOthers();
        assertTrue(first.size() > 1);
        committed = new MemoryStorage();

        new Owner().takesAll().commits();

        assertEquals(first, sent.toOthers().subList(first.size(), 2 * first.size()));
        // Otherwise a child that has long ended, and that nobody knows any more, would run a second time.
        assertEquals(
                Stream.concat(
                                Stream.generate(() -> false).limit(first.size()),
                                Stream.generate(() -> true).limit(first.size()))
                        .toList(),
                sent.recordsToOthers().stream()
                        .limit(2L * first.size())
                        .map(CommandRecord::getSentAgain)
                        .toList());
    }

    /** Together the two losses look like commands that nobody has carried out yet. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "25, 0", "59, 0", "1, 1", "25, 25", "59, 59", "25, 10", "10, 25"})
    void aStateThatLostItsEndWhileTheGroupLostItsOffsetsDoublesNothing(int left, int offsets) {
        logOf(80);
        new Owner().takes(left).commits();
        MemoryStorage cut = committed;
        new Owner().takes(60 - left).commits();
        List<OutcomeRecord> before = List.copyOf(events);
        committed = cut;
        groupOffset = offsets;
        int answers = replies.size();

        new Owner().takes(60 - offsets).commits();
        assertEquals(before, events);
        assertEquals(answers, replies.size());
        new Owner().takesAll().commits();

        assertEquals(upTo(80), offsetsOfEvents());
        assertEquals(storesOf(80), withoutMark(committed));
    }

    /** Half of the outcomes were lost with the state: what the topic has no more is written again. */
    @Test
    void outcomesThatWereLostAreWrittenAgain() {
        logOf(80);
        new Owner().takesAll().commits();
        List<OutcomeRecord> whole = List.copyOf(events);
        committed = new MemoryStorage();
        groupOffset = 80;
        events.subList(30, 80).clear();
        append(new RaiseRules(Rules.VERSION));

        new Owner().takesAll().commits();
        assertEquals(whole, events.subList(0, 80));
        assertEquals(upTo(81), offsetsOfEvents());
    }

    @Test
    void aLogThatIsAnotherThanItsOutcomesTellOfStopsThePartition() {
        append(new RaiseRules(Rules.VERSION));
        logOf(40);
        new Owner().takesAll().commits();
        committed = new MemoryStorage();
        groupOffset = 0;
        log.cut(30);
        for (int i = 0; i < 20; i++) {
            append(new RaiseRules(Rules.VERSION));
        }

        new Owner().takesAll().commits();
        assertEquals(upTo(41), offsetsOfEvents());
        assertStopped("at offset 40, whose outcome stands on millrace.events, but command");
    }

    @Test
    void aLogThatEndsBeforeItsOutcomesDoStopsThePartition() {
        logOf(40);
        new Owner().takesAll().commits();
        committed = new MemoryStorage();
        groupOffset = 0;
        log.cut(30);

        new Owner().takesAll().commits();
        assertEquals(upTo(40), offsetsOfEvents());
        assertTrue(
                partitions
                        .stopped()
                        .get(0)
                        .contains(
                                "up to offset 39 at least, whose outcome stands on millrace.events, but it ends at 29"),
                partitions.stopped().get(0));
    }

    @Test
    void aLogThatWasRestoredAfterItStoppedThePartitionDoublesNothing() {
        logOf(40);
        ScriptedLog whole = new ScriptedLog();
        for (long offset = 0; offset < 40; offset++) {
            whole.append(log.record(offset));
        }
        new Owner().takesAll().commits();
        committed = new MemoryStorage();
        groupOffset = 0;
        log.cut(30);
        new Owner().takesAll().commits();

        for (long offset = 30; offset < 40; offset++) {
            log.append(whole.record(offset));
        }
        new Owner().takesAll().commits();
        assertEquals(upTo(40), offsetsOfEvents());
        assertEquals(storesOf(40), withoutMark(committed));
    }

    @Test
    void whatIsMadeGoodIsDecidedByTheVerdictsInItsOutcomesWhicheverKeyIsTheFirstNow() {
        CommandMacs then = macs("k1");
        node = node(partitions, then);
        append(new RaiseRules(Rules.VERSION));
        new Owner().takesAll().commits();
        MemoryStorage cut = committed;
        RandomLog.ofFirst(PARTITIONS, 7).entries(41).forEach(entry -> {
            byte[] record = CommandRecords.of(entry.meta(), entry.command()).toByteArray();
            log.append(log.end() % 5 == 0 || log.end() == 41 ? record : sealed(then, record));
        });
        new Owner().takes(40).commits();
        node = node(partitions, macs("k2", "k1"));
        new Owner().takesAll().commits();
        List<OutcomeRecord> whole = List.copyOf(events);
        String stores = withoutMark(committed);
        assertEquals(
                9,
                whole.stream()
                        .filter(outcome -> outcome.getMac() == MacVerdict.MAC_MISSING)
                        .count());
        committed = cut;
        groupOffset = 41;
        events.removeLast();

        new Owner().takesAll().commits();

        assertEquals(whole, events);
        assertEquals(stores, withoutMark(committed));
    }

    /** @return the record as the one node writes it that writes here */
    private byte[] sealed(CommandMacs macs, byte[] command) {
        return macs.seal(0, command, WRITER, ++number);
    }

    private static CommandMacs macs(String... ids) {
        return macs(MacMode.REQUIRE, ids);
    }

    private static CommandMacs macs(MacMode mode, String... ids) {
        return new CommandMacs(
                mode,
                new MacKeys(Stream.of(ids)
                        .map(id -> new MacKey(id, new byte[MacKey.LEAST_BYTES]))
                        .toList()));
    }

    /** A log of so many commands that nodes with the key wrote, all carried out while outcomes need no seals yet. */
    private void unsealedLog(int commands, CommandMacs macs) {
        log(commands, macs, macs(MacMode.WRITE, "k1"));
        node = node(partitions, macs);
    }

    /** The same, but outcomes need seals. */
    private void sealedLog(int commands, CommandMacs macs) {
        log(commands, macs, macs);
    }

    private void log(int commands, CommandMacs macs, CommandMacs ofOwner) {
        node = node(partitions, ofOwner);
        append(new RaiseRules(Rules.VERSION));
        RandomLog.ofFirst(PARTITIONS, 7)
                .entries(commands - 1)
                .forEach(entry -> log.append(sealed(
                        macs, CommandRecords.of(entry.meta(), entry.command()).toByteArray())));
        new Owner().takesAll().commits();
    }

    /** @return what somebody computes who carries out the log as far as there are outcomes, and then by this verdict */
    private List<OutcomeRecord> computed(MacVerdict verdict) {
        RecordExecutor executor = new RecordExecutor(
                new Home(0, PARTITIONS), new PartitionState(new MemoryStorage(), 64 << 20), new FailedParts());
        List<OutcomeRecord> outcomes = new ArrayList<>();
        for (long offset = 0; offset < log.end(); offset++) {
            MacVerdict mac = offset < events.size() ? events.get((int) offset).getMac() : verdict;
            outcomes.add(
                    executor.execute(offset, log.appendedMs(offset), log.record(offset), (at, record, command) -> mac)
                            .record());
        }
        return outcomes.subList(events.size(), outcomes.size());
    }

    /** @return other outcomes of the same commands, whose hashes continue those that are there */
    private List<OutcomeRecord> forged(List<OutcomeRecord> outcomes) {
        byte[] hash = events.getLast().getPartitionHash().toByteArray();
        List<OutcomeRecord> forged = new ArrayList<>();
        for (OutcomeRecord outcome : outcomes) {
            OutcomeRecord refused = outcome.toBuilder()
                    .clearEvents()
                    .setRefusal(Refusal.newBuilder()
                            .setReason(RefusalReason.NOT_FOUND)
                            .setText("expected it to be found, but somebody wants it not to be"))
                    .build();
            hash = new OutcomeHashes().partition(hash, refused);
            forged.add(refused.toBuilder()
                    .setPartitionHash(ByteString.copyFrom(hash))
                    .build());
        }
        return forged;
    }

    @Test
    void whatContinuesNoOutcomeIsPassedOverWhateverItSays() {
        logOf(40);
        new Owner().takes(30).commits();
        List<OutcomeRecord> whole = List.copyOf(events);
        OutcomeRecord last = events.getLast();
        events.add(OutcomeRecord.getDefaultInstance());
        events.add(last.toBuilder().setCommandOffset(1_000).build());
        events.add(last.toBuilder().setCommandOffset(Long.MAX_VALUE).build());
        events.add(last.toBuilder().setCommandOffset(30).build());
        events.add(last.toBuilder().setCommandOffset(31).setRulesVersion(99).build());
        List<OutcomeRecord> before = List.copyOf(events);

        new Owner().takesAll().commits();

        assertEquals(Map.of(), partitions.stopped());
        assertEquals(before, events.subList(0, before.size()));
        assertEquals(
                LongStream.range(30, 40).boxed().toList(), offsetsOfEvents().subList(before.size(), events.size()));
        assertEquals(storesOf(40), withoutMark(committed));
        assertEquals(30, whole.size());
    }

    @Test
    void outcomesThatTheirCommandsDoNotLeadToAreNotBelievedAndTheTrueOnesAreWritten() {
        logOf(40);
        new Owner().takes(30).commits();
        List<OutcomeRecord> before = List.copyOf(events);
        List<OutcomeRecord> rest = computed(MacVerdict.MAC_UNCHECKED);
        events.addAll(forged(rest));
        int answers = replies.size();

        new Owner().takesAll().commits();

        assertEquals(Map.of(), partitions.stopped());
        assertEquals(before, events.subList(0, 30));
        assertEquals(rest, events.subList(40, 50));
        assertEquals(storesOf(40), withoutMark(committed));
        assertTrue(replies.size() > answers, "nobody was answered");
    }

    /** Both stand on the topic then, the forged ones first. */
    @Test
    void outcomesThatSomebodyPutBeforeTheTrueOnesAreToldFromThemWhenTheStateIsMadeGood() {
        logOf(40);
        new Owner().takes(30).commits();
        MemoryStorage cut = committed;
        events.addAll(forged(computed(MacVerdict.MAC_UNCHECKED)));
        new Owner().takesAll().commits();
        List<OutcomeRecord> all = List.copyOf(events);
        committed = cut;
        groupOffset = 30;

        new Owner().takesAll().commits();

        assertEquals(all, events);
        assertEquals(storesOf(40), withoutMark(committed));
    }

    @Test
    void aCommandWithoutAMacIsRefusedAlthoughSomebodyWroteAnOutcomeThatItIsValid() throws Exception {
        unsealedLog(20, macs("k1"));
        append(new RaiseRules(Rules.VERSION));
        byte[] record = log.record(20);
        log.cut(20);
        log.append(CommandRecord.newBuilder()
                .mergeFrom(record)
                .setWriter(Ids.toByteString(UUID.randomUUID()))
                .setWriterSequence(1)
                .build()
                .toByteArray());
        log.append(sealed(macs("k1"), record));
        List<OutcomeRecord> invented = computed(MacVerdict.MAC_VALID);
        assertFalse(invented.getFirst().hasRefusal());
        events.addAll(invented);

        new Owner().takesAll().commits();

        List<OutcomeRecord> written = events.subList(22, events.size());
        assertEquals(
                List.of(20L, 21L),
                written.stream().map(OutcomeRecord::getCommandOffset).toList());
        assertEquals(MacVerdict.MAC_MISSING, written.getFirst().getMac());
        assertEquals(
                RefusalReason.PERMISSION_DENIED, written.getFirst().getRefusal().getReason());
        assertEquals(MacVerdict.MAC_VALID, written.get(1).getMac());
        assertFalse(written.get(1).hasRefusal());
    }

    @Test
    void aCommandOfANodeIsCarriedOutAlthoughSomebodyWroteAnOutcomeThatItsMacIsWrong() {
        unsealedLog(20, macs("k1"));
        append(new RaiseRules(Rules.VERSION));
        byte[] record = sealed(macs("k1"), log.record(20));
        log.cut(20);
        log.append(record);
        events.addAll(computed(MacVerdict.MAC_WRONG));

        new Owner().takesAll().commits();

        assertEquals(20, events.getLast().getCommandOffset());
        assertEquals(MacVerdict.MAC_VALID, events.getLast().getMac());
        assertFalse(events.getLast().hasRefusal());
    }

    /** A whole log with copies is carried out again as it was decided, whatever was lost: its outcomes tell that they are copies. */
    @Test
    void copiesAreRefusedAgainWhenTheyAreCarriedOutAgain() throws Exception {
        sealedLog(20, macs("k1"));
        MemoryStorage cut = committed;
        for (int offset : new int[] {3, 7, 12, 7}) {
            log.append(log.record(offset));
        }
        log.append(sealed(
                macs("k1"),
                CommandRecord.newBuilder()
                        .mergeFrom(log.record(3))
                        .clearMac()
                        .build()
                        .toByteArray()));
        new Owner().takesAll().commits();
        List<OutcomeRecord> whole = List.copyOf(events);
        String stores = withoutMark(committed);
        assertEquals(
                List.of(20L, 21L, 22L, 23L),
                whole.stream()
                        .filter(outcome -> outcome.getMac() == MacVerdict.MAC_COPIED)
                        .map(OutcomeRecord::getCommandOffset)
                        .toList());
        committed = cut;
        groupOffset = 20;

        new Owner().takesAll().commits();

        assertEquals(whole, events);
        assertEquals(stores, withoutMark(committed));
        assertEquals(Map.of(), partitions.stopped());
    }

    @Test
    void aCommandOfANodeIsCarriedOutAlthoughSomebodyWroteAnOutcomeThatItIsACopy() {
        unsealedLog(20, macs("k1"));
        append(new RaiseRules(Rules.VERSION));
        byte[] record = sealed(macs("k1"), log.record(20));
        log.cut(20);
        log.append(record);
        log.append(record);
        List<OutcomeRecord> honest = computed(MacVerdict.MAC_VALID);
        events.addAll(forged(honest.stream()
                .map(outcome ->
                        outcome.toBuilder().setMac(MacVerdict.MAC_COPIED).build())
                .toList()));

        new Owner().takesAll().commits();

        assertEquals(honest, events.subList(events.size() - 2, events.size()));
        assertEquals(MacVerdict.MAC_VALID, honest.getFirst().getMac());
        assertEquals(MacVerdict.MAC_COPIED, honest.getLast().getMac());
    }

    /** The key may have been taken out since, or never have been there: a person has to look. */
    @ParameterizedTest
    @EnumSource(
            value = MacVerdict.class,
            names = {"MAC_VALID", "MAC_UNCHECKED"})
    void aCommandOfAnUnknownKeyStopsThePartitionWhateverItsOutcomeSays(MacVerdict said) {
        unsealedLog(20, macs("k1"));
        String stores = withoutMark(committed);
        append(new RaiseRules(Rules.VERSION));
        byte[] record = sealed(macs("k2"), log.record(20));
        log.cut(20);
        log.append(record);
        events.addAll(computed(said));

        new Owner().takesAll().commits();

        assertEquals(21, events.size());
        assertEquals(stores, withoutMark(committed));
        assertStopped("expected to know who wrote the command at offset 20");

        // Whoever has the key again goes on.
        node = node(partitions, macs("k1", "k2"));
        new Owner().takesAll().commits();
        assertEquals(upTo(21), offsetsOfEvents());
    }

    /** Whoever has no key writes no seal: not even an outcome that the engine would give, of a command of an unknown key. */
    @Test
    void anOutcomeWithoutASealIsPassedOverOnceOutcomesAreSealed() {
        sealedLog(20, macs("k1"));
        append(new RaiseRules(Rules.VERSION));
        byte[] record = sealed(macs("k2"), log.record(20));
        log.cut(20);
        log.append(record);
        events.addAll(computed(MacVerdict.MAC_VALID));
        OutcomeRecord ofTheFuture = events.getLast().toBuilder()
                .setCommandOffset(21)
                .setPartitionHash(ByteString.EMPTY)
                .build();
        events.add(ofTheFuture.toBuilder()
                .setPartitionHash(ByteString.copyFrom(new OutcomeHashes()
                        .partition(events.getLast().getPartitionHash().toByteArray(), ofTheFuture)))
                .build());

        new Owner().takesAll().commits();

        assertEquals(Map.of(), partitions.stopped());
        assertEquals(20, events.getLast().getCommandOffset());
        assertEquals(MacVerdict.MAC_OF_UNKNOWN_KEY, events.getLast().getMac());
        assertTrue(events.getLast().hasRefusal());
    }

    @Test
    void anOutcomeThatANodeSealedIsBelievedWhateverKeyItsCommandHas() {
        sealedLog(20, macs("k1"));
        MemoryStorage cut = committed;
        append(new RaiseRules(Rules.VERSION));
        byte[] record = sealed(macs("k2"), log.record(20));
        log.cut(20);
        log.append(record);
        node = node(partitions, macs("k2", "k1"));
        new Owner().takesAll().commits();
        List<OutcomeRecord> whole = List.copyOf(events);
        String stores = withoutMark(committed);
        committed = cut;
        groupOffset = 20;
        node = node(partitions, macs("k1"));

        new Owner().takesAll().commits();

        assertEquals(whole, events);
        assertEquals(stores, withoutMark(committed));
    }

    @Test
    void anOutcomeWithASealOfAnotherKeyStopsThePartition() {
        sealedLog(20, macs("k1"));
        append(new RaiseRules(Rules.VERSION));
        byte[] record = sealed(macs("k1"), log.record(20));
        log.cut(20);
        log.append(record);
        events.addAll(computed(MacVerdict.MAC_VALID));
        log.seal(events.getLast(), MacVerdict.MAC_OF_UNKNOWN_KEY);

        new Owner().takesAll().commits();

        assertEquals(upTo(21), offsetsOfEvents());
        assertStopped("expected the outcome of the command at offset 20 to have a seal of a key of this node");
    }

    /** Nodes without keys write outcomes without seals again, and those count. */
    @Test
    void whereKeysAreSwitchedOffAgainNoOutcomeNeedsASeal() {
        sealedLog(20, macs("k1"));
        node = node(partitions, CommandMacs.OFF);
        append(new RaiseRules(Rules.VERSION));
        new Owner().takesAll().commits();
        MemoryStorage cut = committed;
        append(new RaiseRules(Rules.VERSION));
        byte[] record = sealed(macs("k1"), log.record(21));
        log.cut(21);
        log.append(record);
        new Owner().takesAll().commits();
        List<OutcomeRecord> whole = List.copyOf(events);
        committed = cut;
        groupOffset = 21;
        node = node(partitions, macs("k1"));

        new Owner().takesAll().commits();

        assertEquals(whole, events);
        assertEquals(Map.of(), partitions.stopped());
    }

    @Test
    void whatWasWrittenBeforeThereWereKeysIsCarriedOutAgainWhileTheyAreOnlyWritten() {
        append(new RaiseRules(Rules.VERSION));
        logOf(40);
        new Owner().takes(10).commits();
        MemoryStorage cut = committed;
        new Owner().takesAll().commits();
        List<OutcomeRecord> whole = List.copyOf(events);
        String stores = withoutMark(committed);
        committed = cut;
        groupOffset = 10;
        node = node(partitions, macs("k1"));
        new Owner().takesAll().commits();
        assertStopped("by the keys of this node, and its outcome says MAC_UNCHECKED");
        assertStopped("commands.mac.mode = \"write\"");
        groupOffset = 10;

        node = node(partitions, macs(MacMode.WRITE, "k1"));
        new Owner().takesAll().commits();

        assertEquals(whole, events);
        assertEquals(stores, withoutMark(committed));
    }

    @Test
    void aCrashWhileTheStateIsMadeGoodLosesAndDoublesNothing() {
        logOf(80);
        new Owner().takes(10).commits();
        MemoryStorage cut = committed;
        new Owner().takes(50).commits();
        committed = cut;

        for (int crashes = 0; crashes < 30; crashes++) {
            Owner next = new Owner().takes(crashes % 7 + 1);
            if (crashes % 3 > 0) {
                next.commits();
            }
        }
        new Owner().takesAll().commits();

        assertEquals(upTo(80), offsetsOfEvents());
        assertEquals(storesOf(80), withoutMark(committed));
    }

    /** Of a run that begins with a state that lost its end, and in which the partition owns what it has made good. */
    @Test
    void whicheverCallOfTheStorageFailsNothingIsLostOrDoubled() {
        logOf(40);
        new Owner().takes(5).commits();
        MemoryStorage cut = committed;
        new Owner().takes(20).commits();
        List<OutcomeRecord> before = List.copyOf(events);
        Runnable again = () -> {
            committed = cut.copy();
            groupOffset = 25;
            events.clear();
            events.addAll(before);
            faults = faultyAt(Long.MAX_VALUE);
        };
        again.run();
        carryOutWhateverFails();
        List<OutcomeRecord> whole = List.copyOf(events);
        String stores = committed.dump();
        long calls = faults.calls();
        assertEquals(upTo(40), offsetsOfEvents());
        assertTrue(calls > 100, "expected the storage to be used, but it was called " + calls + " times");

        for (long failing = 1; failing <= calls; failing++) {
            again.run();
            faults = faultyAt(failing);
            carryOutWhateverFails();
            assertEquals(whole, events, "with call " + failing + " failing");
            assertEquals(stores, committed.dump(), "with call " + failing + " failing");
        }
    }

    /** Whoever opens the partition after a failure goes on at the last commit. */
    private void carryOutWhateverFails() {
        while (true) {
            Owner owner = null;
            try {
                owner = new Owner();
                for (int rounds = 0; rounds < 10; rounds++) {
                    owner.takes(7).commits();
                }
                owner.runtime.close();
                return;
            } catch (StorageException e) {
                if (owner != null) {
                    owner.runtime.close();
                }
            }
        }
    }

    @Test
    void aHoleStopsThePartitionAndARestoredLogLetsItGoOn() {
        logOf(40);
        ScriptedLog whole = new ScriptedLog();
        for (long offset = 0; offset < 40; offset++) {
            whole.append(log.record(offset));
        }
        log.lose(20, 25);

        Owner stopped = new Owner().takesAll();
        stopped.commits();
        assertEquals(3, log.asked(), "Kafka makes the stream thread wait: twice at the hole, and once where to stand");
        assertEquals(upTo(20), offsetsOfEvents());
        assertEquals(TenureState.OVER, partitions.get(0).tenure());
        assertEquals(
                "partition 0 stands still: expected offset 20, but the log goes on at 25: commands were deleted. Restore"
                        + " millrace.commands from a copy that has them, and start the node again; nothing of this partition is"
                        + " carried out until then.",
                partitions.stopped().get(0));
        stopped.runtime.close();
        assertTrue(partitions.stopped().isEmpty());

        new Owner().takesAll().commits();
        assertEquals(upTo(20), offsetsOfEvents());

        log.cut(0);
        for (long offset = 0; offset < 40; offset++) {
            log.append(whole.record(offset));
        }
        new Owner().takesAll().commits();
        assertEquals(upTo(40), offsetsOfEvents());
        assertEquals(storesOf(40), withoutMark(committed));
    }

    @Test
    void aLogThatLostItsBeginningCannotMakeAStateGood() {
        logOf(40);
        new Owner().takesAll().commits();
        committed = new MemoryStorage();
        log.lose(0, 12);
        append(new RaiseRules(Rules.VERSION));

        new Owner().takesAll().commits();
        assertEquals(upTo(40), offsetsOfEvents());
        assertStopped("expected offset 0, but the log begins at 12");
    }

    @Test
    void aLogThatLostItsEndStopsThePartitionBeforeNewCommandsTakeItsPlace() {
        logOf(40);
        new Owner().takesAll().commits();
        log.cut(30);
        append(new RaiseRules(Rules.VERSION));
        groupOffset = 0;

        new Owner().takesAll().commits();
        assertEquals(upTo(40), offsetsOfEvents());
        assertStopped("expected a log up to offset 39 at least, which stands in the state, but it ends at 30");
    }

    /** One that looks whole: it goes on where the state ends, and is another. */
    @Test
    void aLogThatWasCutAndFilledAgainBeyondTheStateStopsThePartitionBeforeItSaysAnything() {
        append(new RaiseRules(Rules.VERSION));
        logOf(40);
        new Owner().takesAll().commits();
        log.cut(30);
        for (int i = 0; i < 20; i++) {
            append(new RaiseRules(Rules.VERSION));
        }
        long tenures = sent.tenures();

        Owner next = new Owner();
        assertEquals(TenureState.OVER, partitions.get(0).tenure());
        assertStopped("at offset 40, which was carried out last, but command");
        assertEquals(tenures, sent.tenures(), "nothing is written to such a log");
        next.takesAll().commits();
        assertEquals(upTo(41), offsetsOfEvents());
    }

    /** The command with which a tenure begins would take the place of one that is missing, and nobody would notice. */
    @Test
    void aLogThatEndsBeforeTheStateStopsThePartitionBeforeItsEndIsFilled() {
        append(new RaiseRules(Rules.VERSION));
        logOf(40);
        new Owner().takesAll().commits();
        log.cut(40);
        long tenures = sent.tenures();

        new Owner();
        assertStopped("expected a log up to offset 40 at least, which stands in the state, but it ends at 39");
        assertEquals(tenures, sent.tenures());
    }

    /** Kafka Streams opens it again and again, and each attempt would send the same outbox. */
    @Test
    void aPartitionThatCannotBeOpenedSinceKafkaIsAwayLeavesNothingBehind() {
        append(new RaiseRules(Rules.VERSION));
        logOf(40);
        Owner before = new Owner().takesAll();
        before.commits();
        before.runtime.close();
        log.away(true);

        assertThrows(TimeoutException.class, Owner::new);
        assertTrue(partitions.all().isEmpty());

        log.away(false);
        new Owner();
        assertEquals(TenureState.OPENING, partitions.get(0).tenure());
    }

    @Test
    void aLogThatOnlyLostItsBeginningIsTheSame() {
        append(new RaiseRules(Rules.VERSION));
        logOf(40);
        new Owner().takesAll().commits();
        append(new RaiseRules(Rules.VERSION));
        log.lose(0, 41);

        new Owner().takesAll().commits();
        assertTrue(partitions.stopped().isEmpty());
        assertEquals(upTo(42), offsetsOfEvents());
    }

    @Test
    void rulesFromTheFutureStopOnePartitionWhereTheyStandAndOthersGoOn() {
        logOf(10);
        append(new RaiseRules(Rules.VERSION + 1));
        append(new RaiseRules(Rules.VERSION));
        PartitionRuntime other = new PartitionRuntime(1, new MemoryStorage(), new ScriptedLog(), node);

        Owner stopped = new Owner().takesAll();
        stopped.commits();
        assertEquals(upTo(10), offsetsOfEvents());
        assertEquals(storesOf(10), withoutMark(committed));
        assertEquals(TenureState.OVER, partitions.get(0).tenure());
        assertStopped("expected rules up to version " + Rules.VERSION);
        assertTrue(stopped.takesAll().written.isEmpty());
        assertNotNull(other.process(0, 1, log.record(0)));
        assertEquals(Map.of(0, TenureState.OVER, 1, TenureState.OPENING), partitions.tenures());

        // Whoever knows them goes on behind what was carried out, and nothing was written for it in between.
        log.cut(10);
        append(new RaiseRules(Rules.VERSION));
        append(new RaiseRules(Rules.VERSION));
        append(new RaiseRules(Rules.VERSION));
        new Owner().takesAll().commits();
        assertEquals(upTo(13), offsetsOfEvents());
    }

    @Test
    void aStateUnderRulesFromTheFutureIsNotOpened() {
        logOf(10);
        new Owner().takesAll().commits();
        byte[] record = committed.get(Table.PARTITION, PARTITION_KEY).clone();
        ByteBuffer.wrap(record).putInt(RULES_AT, Rules.VERSION + 1);
        committed.put(Table.PARTITION, PARTITION_KEY, record);
        append(new RaiseRules(Rules.VERSION));

        Owner next = new Owner().takesAll();
        assertTrue(next.written.isEmpty());
        assertEquals(TenureState.OVER, partitions.get(0).tenure());
        assertStopped("but its log goes on by version " + (Rules.VERSION + 1));
    }

    @Test
    void aNewLogThatBeginsUnderRulesFromTheFutureIsNotBegun() {
        append(new BeginTenure(new UUID(1, 1), "newer", Rules.VERSION + 1, 0, Rules.VERSION + 1, 0));
        Owner next = new Owner().takesAll();
        assertTrue(next.written.isEmpty());
        assertStopped("but its log goes on by version " + (Rules.VERSION + 1));
    }

    @Test
    void whatALaterBeginningSaysOfTheRulesOfANewLogStopsNobody() {
        append(new RaiseRules(Rules.VERSION));
        append(new BeginTenure(new UUID(1, 1), "newer", Rules.VERSION + 1, 0, Rules.VERSION + 1, 0));
        new Owner().takesAll().commits();
        assertEquals(upTo(2), offsetsOfEvents());
        assertEquals(Map.of(), partitions.stopped());
    }

    /** @return what the first so many commands leave behind when nothing goes wrong */
    private String storesOf(int commands) {
        MemoryStorage storage = new MemoryStorage();
        ScriptedLog whole = new ScriptedLog();
        PartitionRuntime runtime = new PartitionRuntime(0, storage, whole, node(new Partitions(), CommandMacs.OFF));
        for (long offset = 0; offset < commands; offset++) {
            runtime.process(offset, log.appendedMs(offset), log.record(offset));
        }
        runtime.beforeCommit();
        return withoutMark(storage);
    }

    /** The outbox keeps what Kafka did not acknowledge, which is not of the log. */
    private static String withoutMark(MemoryStorage storage) {
        return storage.dump()
                .lines()
                .filter(line -> !line.startsWith("OUTBOX") && !line.startsWith("PARTITION 01"))
                .reduce("", (text, line) -> text + line + "\n");
    }
}

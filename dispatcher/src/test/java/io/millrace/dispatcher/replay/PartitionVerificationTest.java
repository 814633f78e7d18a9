package io.millrace.dispatcher.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.replay.Difference.Kind;
import io.millrace.dispatcher.replay.log.LogEntry;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.dispatcher.replay.log.LoggedOutcome;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.RaiseRules;
import io.millrace.proto.v1.RefusalReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log whose outcomes were recorded is carried out again and compared. */
class PartitionVerificationTest {

    private static final int COMMANDS = 1_500;
    private static final long MUCH = 64 << 20;
    /** So little that the state rests on disk. */
    private static final long LITTLE = 20_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void findsNothingInALogThatNobodyChanged(long seed) {
        RecordedRandomLog log = new RecordedRandomLog(seed, COMMANDS);

        VerifyReport report = verify(log, VerifyRange.ALL, seed % 2 == 0 ? MUCH : LITTLE);

        assertEquals(Map.of(), report.groups(), () -> String.valueOf(report.first()));
        assertEquals(COMMANDS, report.comparedOutcomes());
    }

    @Test
    void leavesTheSameStoresAsTheOwnerDid() {
        RecordedRandomLog log = new RecordedRandomLog(7, COMMANDS);
        try (PartitionReplay replay = new PartitionReplay(RecordedRandomLog.HOME, LITTLE)) {
            log.entries()
                    .forEach(entry ->
                            replay.carryOut(entry.command(), entry.outcome().verdict()));

            assertEquals(log.storage().dump(), StorageText.dump(replay.stored()));
        }
    }

    /** Who carries a log of years out again would keep the name of every worker in memory otherwise. */
    @Test
    void keepsNothingThatNobodyIsToldOf() {
        RecordedRandomLog log = new RecordedRandomLog(7, COMMANDS);
        try (PartitionReplay replay = new PartitionReplay(RecordedRandomLog.HOME, MUCH)) {
            log.entries()
                    .forEach(entry ->
                            replay.carryOut(entry.command(), entry.outcome().verdict()));
            replay.stored();

            List<String> kept = new ArrayList<>();
            replay.state().drainHandChanges((orgId, subject) -> kept.add(subject.toString()));

            assertEquals(List.of(), kept);
        }
    }

    @Test
    void showsTheFirstDifferenceWithBothSidesAndTheCommand() {
        RecordedRandomLog log = new RecordedRandomLog(8, 300);
        int changed = firstWithEvents(log);
        log.change(changed, outcome -> {
            OutcomeRecord.Builder other = outcome.toBuilder();
            other.getEventsBuilder(0).setData(ByteString.copyFromUtf8("{\"forged\":true}"));
            return other.build();
        });

        VerifyReport report = verify(log, VerifyRange.ALL, MUCH);

        Difference first = report.first().orElseThrow();
        assertEquals(Kind.EVENTS, first.kind());
        assertEquals(changed, first.commandOffset());
        assertFalse(first.byRules());
        assertTrue(
                first.sides().stream().anyMatch(line -> line.startsWith("- event 1: ") && line.contains("forged")),
                first::toString);
        assertTrue(first.sides().stream().anyMatch(line -> line.startsWith("+ event 1: ")), first::toString);
        assertTrue(first.asked().getFirst().contains("offset " + changed), first::toString);
        assertEquals(
                1,
                report.groups().values().stream().mapToLong(Long::longValue).sum(),
                "only the record itself was changed");
    }

    @Test
    void tellsAForgedRefusalFromForgedHashes() {
        RecordedRandomLog log = new RecordedRandomLog(9, 300);
        log.change(
                20,
                outcome -> outcome.toBuilder()
                        .setPartitionHash(ByteString.copyFrom(new byte[32]))
                        .build());
        log.change(40, outcome -> {
            OutcomeRecord.Builder other = outcome.toBuilder().clearEvents();
            other.getRefusalBuilder().setReason(RefusalReason.ABORTED).setText("forged");
            return other.build();
        });

        VerifyReport report = verify(log, VerifyRange.ALL, MUCH);

        assertEquals(Set.of(Kind.HASHES, Kind.REFUSAL), kinds(report));
        assertEquals(20, report.first().orElseThrow().commandOffset());
    }

    /** The reason stands in the command alone. */
    @Test
    void namesACommandOfWhichTheOutcomeRepeatsNothingThatWasChanged() throws InvalidProtocolBufferException {
        RecordedRandomLog log = RecordedRandomLog.ofNewestRules(9, 100);
        LogEntry at = log.entries().get(40);
        byte[] changed = CommandRecord.parseFrom(at.command().value()).toBuilder()
                .setReason("another than was given")
                .build()
                .toByteArray();
        log.entries().set(40, new LogEntry(new LoggedCommand(40, at.command().appendedMs(), changed), at.outcome()));

        Difference first = verify(log, VerifyRange.ALL, MUCH).first().orElseThrow();

        assertEquals(40, first.commandOffset());
        assertEquals(Kind.ASKED, first.kind());
        assertTrue(
                first.sides().stream().anyMatch(line -> line.startsWith("- hash of the command: ")), first::toString);
    }

    @Test
    void namesOutcomesThatAreMissingTwiceOrOfNoCommand() {
        RecordedRandomLog log = new RecordedRandomLog(10, 100);
        LogEntry fifth = log.entries().get(5);
        log.entries().set(5, new LogEntry(fifth.command(), null));
        log.entries().add(11, new LogEntry(null, log.entries().get(10).outcome()));
        byte[] ofNothing = log.entries().get(30).outcome().record().toBuilder()
                .setCommandOffset(5_000)
                .build()
                .toByteArray();
        log.entries().add(new LogEntry(null, LoggedOutcome.of(101, ofNothing)));
        log.entries().add(new LogEntry(null, LoggedOutcome.of(102, new byte[] {9})));

        VerifyReport report = verify(log, VerifyRange.ALL, MUCH);

        assertEquals(Set.of(Kind.NO_OUTCOME, Kind.SECOND_OUTCOME, Kind.NO_COMMAND, Kind.UNREADABLE), kinds(report));
    }

    @Test
    void comparesFromAndToWhereItIsTold() {
        RecordedRandomLog log = new RecordedRandomLog(11, 300);
        log.change(10, outcome -> outcome.toBuilder().setTimeMs(5).build());
        log.change(250, outcome -> outcome.toBuilder().setTimeMs(5).build());

        VerifyReport report = verify(log, new VerifyRange(100, 200, 0), MUCH);

        assertEquals(Map.of(), report.groups());
        assertEquals(100, report.comparedOutcomes());
    }

    @Test
    void tellsWhatNewerRulesWouldHaveDecidedOtherwise() {
        RecordedRandomLog log = new RecordedRandomLog(12, COMMANDS);

        VerifyReport report = verify(log, new VerifyRange(0, Long.MAX_VALUE, Rules.VERSION), MUCH);

        assertFalse(report.groups().isEmpty(), "expected the rules to differ in anything");
        Difference first = report.first().orElseThrow();
        assertTrue(first.byRules(), first::toString);
        assertTrue(
                report.groups().keySet().stream().noneMatch(group -> group.kind() == Kind.RULES),
                "nothing is decided otherwise there");
    }

    @Test
    void stopsWhereTheRulesAreNotKnown() {
        RecordedRandomLog log = new RecordedRandomLog(13, 50);
        byte[] raise = CommandRecord.newBuilder()
                .setCommandId(ByteString.copyFrom(new byte[16]))
                .setOrgId(ByteString.copyFrom(new byte[16]))
                .setRaiseRules(RaiseRules.newBuilder().setVersion(Rules.VERSION + 1))
                .build()
                .toByteArray();
        LogEntry at = log.entries().get(30);
        log.entries()
                .set(
                        30,
                        new LogEntry(
                                new LoggedCommand(30, at.command().appendedMs(), raise),
                                LoggedOutcome.of(
                                        30,
                                        at.outcome().record().toBuilder()
                                                .clearMac()
                                                .build()
                                                .toByteArray())));

        VerifyReport report = verify(log, VerifyRange.ALL, MUCH);

        assertTrue(
                report.unseen().get(0).contains("its log goes on by version " + (Rules.VERSION + 1)),
                () -> report.unseen().toString());
    }

    private static int firstWithEvents(RecordedRandomLog log) {
        for (int offset = 50; ; offset++) {
            if (log.entries().get(offset).outcome().record().getEventsCount() > 0) {
                return offset;
            }
        }
    }

    private static Set<Kind> kinds(VerifyReport report) {
        return report.groups().keySet().stream().map(VerifyReport.Group::kind).collect(Collectors.toSet());
    }

    private static VerifyReport verify(RecordedRandomLog log, VerifyRange range, long memoryBytes) {
        VerifyReport report = new VerifyReport();
        new PartitionVerification(0, range, report, new LongAdder(), () -> false)
                .run(log.reader(), RecordedRandomLog.HOME, memoryBytes);
        return report;
    }
}

package io.millrace.ingest.audit.trail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacKeys;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is done to an outcome is noticed, and what follows is held against the last one that fits. */
class LogCheckTest {

    private static final int PARTITION = 2;
    private static final UUID ORG = new UUID(1, 1);
    private static final UUID EXECUTION = new UUID(2, 2);

    private final OutcomeHashes hashes = new OutcomeHashes();
    private final List<CommandRecord> commands = new ArrayList<>();
    private final List<OutcomeRecord> outcomes = new ArrayList<>();
    private static final int MOST_HEADS = 40;

    private final LogCheck check = new LogCheck(false, MacMode.OFF, MOST_HEADS);

    @BeforeEach
    void aLogOfThreeOutcomes() {
        ByteString running = Anchor.NO_HASH;
        ByteString chain = Anchor.NO_HASH;
        for (int i = 0; i < 3; i++) {
            CommandRecord command = CommandRecord.newBuilder()
                    .setCommandId(Ids.toByteString(new UUID(3, i)))
                    .setOrgId(Ids.toByteString(ORG))
                    .setPrincipal(
                            Principal.newBuilder().setType(Principal.Type.USER).setId("ann"))
                    .setOrigin("node-1 10.0.0.1:5")
                    .setCancelWorkflow(CancelWorkflow.newBuilder().setExecutionId(Ids.toByteString(EXECUTION)))
                    .build();
            OutcomeRecord.Builder outcome = OutcomeRecord.newBuilder()
                    .setCommandId(command.getCommandId())
                    .setOrgId(command.getOrgId())
                    .setPrincipal(command.getPrincipal())
                    .setOrigin(command.getOrigin())
                    .setCommand("cancel_workflow")
                    .setCommandOffset(i)
                    .setRulesVersion(4)
                    .setCommandHash(ByteString.copyFrom(hashes.command(command.toByteArray())))
                    .setTimeMs(1_000 + i);
            if (i == 2) {
                outcome.setRefusal(
                        Refusal.newBuilder().setReason(RefusalReason.NOT_FOUND).setText("expected one, but …"));
            } else {
                EventRecord event = EventRecord.newBuilder()
                        .setSubject(Subject.WORKFLOW_EXECUTION)
                        .setOrgId(command.getOrgId())
                        .setExecutionId(Ids.toByteString(EXECUTION))
                        .setChainSequence(i + 1)
                        .setType("NOTED")
                        .setTimeMs(1_000 + i)
                        .setData(ByteString.copyFromUtf8("{\"n\":" + i + "}"))
                        .build();
                chain = ByteString.copyFrom(hashes.event(chain.toByteArray(), outcome.build(), event));
                outcome.addEvents(event.toBuilder().setHash(chain));
            }
            running = ByteString.copyFrom(hashes.partition(running.toByteArray(), outcome.build()));
            commands.add(command);
            outcomes.add(outcome.setPartitionHash(running).build());
        }
        check.begin(PARTITION, Anchor.BEGINNING);
    }

    private Asked asked(CommandRecord command) {
        return Asked.read(command.toByteArray(), hashes);
    }

    private Break next(OutcomeRecord outcome, CommandRecord command) {
        return check.check(PARTITION, outcome, command == null ? null : asked(command), MacVerdict.MAC_UNCHECKED);
    }

    private Break sealed(LogCheck by, int which, MacVerdict seal) {
        return by.check(PARTITION, outcomes.get(which), asked(commands.get(which)), seal);
    }

    private LogCheck requiring(boolean sealedBefore) {
        LogCheck requiring = new LogCheck(false, MacMode.REQUIRE);
        requiring.begin(PARTITION, new Anchor(0, Anchor.NO_HASH, 0, Anchor.NO_HASH, true, sealedBefore));
        return requiring;
    }

    @ParameterizedTest
    @EnumSource(
            value = MacVerdict.class,
            names = {"MAC_MISSING", "MAC_OF_UNKNOWN_KEY", "MAC_WRONG"})
    void anOutcomeThatFitsIsNotBelievedWithoutASealOnceOutcomesAreSealed(MacVerdict seal) {
        LogCheck requiring = requiring(false);
        assertNull(sealed(requiring, 0, MacVerdict.MAC_VALID));

        Break broken = sealed(requiring, 1, seal);

        assertEquals(Break.Kind.SEAL, broken.kind());
        assertTrue(
                broken.text().startsWith("expected the outcome of the command at offset 1 to be sealed"),
                broken.text());
        assertEquals(1, requiring.anchor(PARTITION).nextCommand(), "the true one is believed when it comes");
        assertNull(sealed(requiring, 1, MacVerdict.MAC_VALID));
        assertTrue(requiring.anchor(PARTITION).sealed());
        assertEquals(Break.Kind.SEAL, sealed(requiring(true), 0, seal).kind(), "what is stored counts");
    }

    /**
     * Nodes are restarted one after the other with the new key first. So a partition that goes to one of them and back has outcomes of the
     * old key behind some of the new one.
     */
    @Test
    void outcomesOfAKeyThatWasTakenOutAreBelievedWhereItIsPutBackBehindTheOthers() {
        MacKey old = new MacKey("k1", new byte[32]);
        MacKey now = new MacKey("k2", filled(32));
        List<MacKey> sealedWith = List.of(now, old, now);

        LogCheck without = requiring(false);
        assertNull(sealed(without, 0, seal(0, sealedWith.get(0), List.of(now))));
        Break broken = sealed(without, 1, seal(1, sealedWith.get(1), List.of(now)));
        assertEquals(Break.Kind.SEAL, broken.kind());
        assertTrue(
                broken.text()
                        .endsWith("its seal is of a key that is not known here: if one was taken out of"
                                + " commands.mac.key_file, put it back behind the others and look again"),
                broken.text());

        LogCheck with = requiring(false);
        for (int i = 0; i < 3; i++) {
            assertNull(sealed(with, i, seal(i, sealedWith.get(i), List.of(now, old))));
        }
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 7);
        return bytes;
    }

    /** @return what the seal of the outcome proves that was made with the key */
    private MacVerdict seal(int which, MacKey by, List<MacKey> known) {
        byte[] value = outcomes.get(which).toByteArray();
        byte[] place = RecordSeals.place(PARTITION);
        return seals(known).check(place, value, seals(List.of(by)).seal(place, value));
    }

    private static RecordSeals seals(List<MacKey> keys) {
        return new RecordSeals(RecordSeals.Kind.OUTCOME, new CommandMacs(MacMode.REQUIRE, new MacKeys(keys)));
    }

    @Test
    void outcomesFromBeforeThereWereKeysNeedNoSeal() {
        LogCheck requiring = requiring(false);

        assertNull(sealed(requiring, 0, MacVerdict.MAC_MISSING));
        assertNull(sealed(requiring, 1, MacVerdict.MAC_OF_UNKNOWN_KEY));
        assertNull(sealed(requiring, 2, MacVerdict.MAC_VALID));
        assertEquals(
                Break.Kind.SEAL,
                sealed(requiring(false), 0, MacVerdict.MAC_WRONG).kind());
    }

    @Test
    void whereSealsAreOnlyWrittenNoneIsNeededAndWhereThereAreNoneTheMarkGoes() {
        for (MacMode mode : List.of(MacMode.WRITE, MacMode.OFF)) {
            LogCheck lenient = new LogCheck(false, mode);
            lenient.begin(PARTITION, new Anchor(0, Anchor.NO_HASH, 0, Anchor.NO_HASH, true, true));

            assertNull(sealed(lenient, 0, mode == MacMode.OFF ? MacVerdict.MAC_UNCHECKED : MacVerdict.MAC_MISSING));
            assertEquals(mode == MacMode.WRITE, lenient.anchor(PARTITION).sealed());
        }
    }

    private void restIsBelieved(int from) {
        for (int i = from; i < 3; i++) {
            assertNull(next(outcomes.get(i), commands.get(i)));
        }
    }

    /** In the place of the second outcome. */
    private Break tampered(Consumer<OutcomeRecord.Builder> how) {
        assertNull(next(outcomes.get(0), commands.get(0)));
        OutcomeRecord.Builder forged = outcomes.get(1).toBuilder();
        how.accept(forged);
        return next(forged.build(), commands.get(1));
    }

    @Test
    void aSoundLogIsBelieved() {
        restIsBelieved(0);
        assertEquals(3, check.anchor(PARTITION).nextCommand());
    }

    @Test
    void anotherWhoOrWhereOrWhatThanTheCommandSaysIsABreak() {
        Break principal = tampered(outcome -> outcome.getPrincipalBuilder().setId("eve"));

        assertEquals(Break.Kind.COMMAND, principal.kind());
        assertEquals(
                "expected the principal of the command at offset 1, but the outcome has another", principal.text());
        for (Consumer<OutcomeRecord.Builder> how : List.<Consumer<OutcomeRecord.Builder>>of(
                outcome -> outcome.setCommandId(Ids.toByteString(new UUID(9, 9))),
                outcome -> outcome.setOrgId(Ids.toByteString(new UUID(9, 9))),
                outcome -> outcome.setOrigin("node-2"),
                outcome -> outcome.setTraceparent("00-"),
                outcome -> outcome.setCommandHash(Anchor.NO_HASH),
                outcome -> outcome.setCommand("start_workflow"))) {
            OutcomeRecord.Builder forged = outcomes.get(1).toBuilder();
            how.accept(forged);
            assertEquals(
                    Break.Kind.COMMAND, next(forged.build(), commands.get(1)).kind());
        }
        restIsBelieved(1);
    }

    /** Credential, reason and payloads stand in the command alone. */
    @Test
    void aCommandOfWhichTheOutcomeRepeatsNothingThatChangedIsABreakAllTheSame() {
        CommandRecord changed =
                commands.get(0).toBuilder().setReason("another than was given").build();

        Break broken = next(outcomes.get(0), changed);

        assertEquals(Break.Kind.COMMAND, broken.kind());
        assertEquals("expected the hash of the command at offset 0, but the outcome has another", broken.text());
        restIsBelieved(0);
    }

    @Test
    void anOutcomeOfRules3HasNoHashOfItsCommand() {
        CommandRecord command = commands.get(0);
        OutcomeRecord of3 = OutcomeRecord.newBuilder()
                .setCommandId(command.getCommandId())
                .setOrgId(command.getOrgId())
                .setPrincipal(command.getPrincipal())
                .setOrigin(command.getOrigin())
                .setCommand("cancel_workflow")
                .setRulesVersion(3)
                .build();
        OutcomeRecord whole = of3.toBuilder()
                .setPartitionHash(ByteString.copyFrom(hashes.partition(OutcomeHashes.FIRST, of3)))
                .build();
        OutcomeRecord more = whole.toBuilder()
                .setCommandHash(outcomes.get(0).getCommandHash())
                .build();

        assertEquals(Break.Kind.COMMAND, next(more, command).kind(), "no hash covers it");
        assertNull(next(whole, command));
    }

    @Test
    void anOutcomeWithoutACommandIsABreak() {
        assertEquals(Break.Kind.COMMAND, next(outcomes.get(0), null).kind());
        restIsBelieved(0);
    }

    @Test
    void anOutcomeThatIsRepeatedLeftOutOrOutOfItsPlaceIsABreak() {
        assertEquals(Break.Kind.SEQUENCE, next(outcomes.get(1), commands.get(1)).kind());
        restIsBelieved(0);
        assertEquals(Break.Kind.SEQUENCE, next(outcomes.get(2), commands.get(2)).kind());
        assertEquals(Break.Kind.SEQUENCE, next(outcomes.get(0), commands.get(0)).kind());
    }

    @Test
    void anOutcomeOfAnotherTimeOrOfRulesThatNobodyKnowsIsABreak() {
        assertEquals(
                Break.Kind.OUTCOME_HASH,
                tampered(outcome -> outcome.setTimeMs(5)).kind());
        assertEquals(
                Break.Kind.OUTCOME_HASH,
                next(outcomes.get(1).toBuilder().setRulesVersion(99).build(), commands.get(1))
                        .kind());
        restIsBelieved(1);
    }

    @Test
    void eventsThatWerePutInOrTakenOutAreABreak() {
        assertEquals(
                Break.Kind.OUTCOME_HASH,
                tampered(outcome -> outcome.addEvents(EventRecord.newBuilder()
                                .setOrgId(Ids.toByteString(ORG))
                                .setExecutionId(Ids.toByteString(new UUID(7, 7)))
                                .setChainSequence(1)
                                .setHash(Anchor.NO_HASH)))
                        .kind());
        assertEquals(
                Break.Kind.OUTCOME_HASH,
                next(outcomes.get(1).toBuilder().clearEvents().build(), commands.get(1))
                        .kind());
        restIsBelieved(1);
    }

    @Test
    void dataThatWereWrittenOverAreABreakOfTheirExecutionAlone() {
        Break broken = tampered(outcome -> outcome.getEventsBuilder(0).setData(ByteString.copyFromUtf8("{\"n\":7}")));

        assertEquals(Break.Kind.EVENT_HASH, broken.kind());
        restIsBelieved(2);
    }

    @Test
    void aRefusalWithAnotherTextIsABreak() {
        assertNull(next(outcomes.get(0), commands.get(0)));
        assertNull(next(outcomes.get(1), commands.get(1)));
        OutcomeRecord.Builder forged = outcomes.get(2).toBuilder();
        forged.getRefusalBuilder().setText("expected another, but …");
        assertEquals(
                Break.Kind.OUTCOME_HASH, next(forged.build(), commands.get(2)).kind());
        restIsBelieved(2);
    }

    @Test
    void aChainOfWhichNothingIsKnownIsABreakUnlessTheLogHasLostItsBeginning() {
        check.begin(PARTITION, new Anchor(1, outcomes.get(0).getPartitionHash(), 0, Anchor.NO_HASH, true, false));
        assertEquals(
                Break.Kind.EVENT_HASH, next(outcomes.get(1), commands.get(1)).kind());

        check.begin(PARTITION, null);
        restIsBelieved(1);
    }

    /** However many go on side by side, whoever reads them in one go has written none of them yet, so nobody could tell where they stand. */
    @Test
    void aChainGoesOnHoweverManyOthersCameMeanwhile() {
        Crowd crowd = new Crowd(MOST_HEADS + 10);
        assertNull(crowd.next(1));

        assertNull(crowd.next(2));
        assertEquals(Set.of(), check.unknown(List.of(crowd.outcome(3))));
    }

    @Test
    void whatWasUsedLongestAgoAndWhatHasEndedIsAskedForOnceItIsWritten() {
        Crowd crowd = new Crowd(MOST_HEADS + 10);
        assertNull(crowd.next(1));
        check.settled();

        Set<ChainKey> unknown = check.unknown(List.of(crowd.outcome(2)));
        assertEquals(10, unknown.size());
        unknown.forEach(key -> check.learn(key, crowd.head(key)));
        assertNull(crowd.next(2), "they are known now");

        Crowd ending = new Crowd(1);
        ending.status = ExecutionStatus.COMPLETED;
        assertNull(ending.next(1));
        assertEquals(Set.of(), check.unknown(List.of(ending.outcome(2))), "nobody else knows it yet");
        check.settled();
        assertEquals(Set.of(ending.key(0)), check.unknown(List.of(ending.outcome(2))));
    }

    /** An export has nobody to ask. It must not take the events of an execution that was open for long for forged ones. */
    @Test
    void whoCanAskNobodyBelievesOfAChainThatWasLetGoThatItGoesOn() {
        Crowd crowd = new Crowd(MOST_HEADS + 10);
        assertNull(crowd.next(1));
        check.forget();

        assertNull(crowd.next(2));
        assertEquals(Break.Kind.EVENT_HASH, crowd.next(4).kind(), "now it is known again, and one event is missing");
    }

    /** As many executions, of each of which each outcome has an event. */
    private final class Crowd {
        private final UUID first = UUID.randomUUID();
        private final int executions;
        private final Map<ChainKey, ByteString> hashed = new LinkedHashMap<>();
        private ExecutionStatus status = ExecutionStatus.PENDING;

        Crowd(int executions) {
            this.executions = executions;
        }

        ChainHead head(ChainKey key) {
            return new ChainHead(1, hashed.get(key));
        }

        private ChainKey key(int number) {
            return new ChainKey(ORG, new UUID(first.getMostSignificantBits(), number));
        }

        /** @return the outcome with event so-and-so of each */
        OutcomeRecord outcome(int sequence) {
            Anchor anchor = check.anchor(PARTITION);
            OutcomeRecord.Builder outcome =
                    OutcomeRecord.newBuilder(outcomes.getFirst()).clearEvents().setCommandOffset(anchor.nextCommand());
            OutcomeRecord frame = outcome.build();
            for (int i = 0; i < executions; i++) {
                ChainKey key = key(i);
                EventRecord event = EventRecord.newBuilder()
                        .setSubject(Subject.WORKFLOW_EXECUTION)
                        .setOrgId(Ids.toByteString(ORG))
                        .setExecutionId(Ids.toByteString(key.executionId()))
                        .setChainSequence(sequence)
                        .setType("NOTED")
                        .setStatus(status)
                        .build();
                byte[] before = hashed.getOrDefault(key, Anchor.NO_HASH).toByteArray();
                outcome.addEvents(event.toBuilder().setHash(ByteString.copyFrom(hashes.event(before, frame, event))));
            }
            return outcome.setPartitionHash(ByteString.copyFrom(
                            hashes.partition(anchor.outcomesHash().toByteArray(), outcome.build())))
                    .build();
        }

        Break next(int sequence) {
            OutcomeRecord outcome = outcome(sequence);
            for (int i = 0; i < executions; i++) {
                hashed.put(key(i), outcome.getEvents(i).getHash());
            }
            return LogCheckTest.this.next(outcome, commands.getFirst());
        }
    }
}

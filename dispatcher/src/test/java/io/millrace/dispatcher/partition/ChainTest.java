package io.millrace.dispatcher.partition;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.dispatcher.codec.CommandRecords;
import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.dispatcher.engine.Home;
import io.millrace.dispatcher.engine.MemoryStorage;
import io.millrace.dispatcher.engine.RandomLog;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.proof.Sha256;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hash chains, after any log: whoever has the records can prove each of them, and nothing in them can be changed unseen. */
class ChainTest {

    private static final int COMMANDS = 600;

    /** @return what came of a random log, whose rules are raised on the way, and of records that make no sense */
    private static List<OutcomeRecord> outcomes(long seed) {
        RecordExecutor executor =
                new RecordExecutor(Home.ONLY, new PartitionState(new MemoryStorage(), 256 << 20), new FailedParts());
        List<OutcomeRecord> outcomes = new ArrayList<>();
        for (RandomLog.Entry entry : new RandomLog(seed).entries(COMMANDS)) {
            byte[] record = CommandRecords.of(entry.meta(), entry.command()).toBuilder()
                    .setPrincipal(Principal.newBuilder()
                            .setType(Principal.Type.USER)
                            .setId("ada-" + outcomes.size())
                            .setRole("ADMIN"))
                    .setOrigin("node-1 127.0.0.1")
                    .setTraceparent("00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01")
                    .build()
                    .toByteArray();
            outcomes.add(carryOut(executor, outcomes.size(), entry.meta().appendedMs(), record));
        }
        long last = outcomes.getLast().getTimeMs();
        outcomes.add(carryOut(executor, outcomes.size(), last, null));
        outcomes.add(carryOut(executor, outcomes.size(), last, new byte[] {1, 2, 3}));
        outcomes.add(carryOut(
                executor,
                outcomes.size(),
                last,
                CommandRecord.newBuilder()
                        .setCommandId(ByteString.copyFromUtf8("no id"))
                        .setPrincipal(Principal.newBuilder().setId("eve"))
                        .build()
                        .toByteArray()));
        return outcomes;
    }

    private static OutcomeRecord carryOut(RecordExecutor executor, long offset, long appendedMs, byte[] record) {
        OutcomeRecord outcome = executor.execute(offset, appendedMs, record, RecordExecutor.Writers.UNCHECKED)
                .record();
        byte[] whole = record == null ? new byte[0] : record;
        assertEquals(
                outcome.getRulesVersion() < Rules.WHOLE_COMMANDS_HASHED
                        ? ByteString.EMPTY
                        : ByteString.copyFrom(Sha256.digest().digest(whole)),
                outcome.getCommandHash());
        return outcome;
    }

    /** @return what is wrong first, empty where nothing is */
    private static String wrong(List<OutcomeRecord> outcomes) {
        OutcomeHashes hashes = new OutcomeHashes();
        Map<ByteString, byte[]> chains = new HashMap<>();
        byte[] partition = OutcomeHashes.FIRST;
        for (OutcomeRecord outcome : outcomes) {
            for (EventRecord event : outcome.getEventsList()) {
                byte[] previous = chains.getOrDefault(event.getExecutionId(), OutcomeHashes.FIRST);
                if (!event.getHash().equals(ByteString.copyFrom(hashes.event(previous, outcome, event)))) {
                    return "event " + event.getType() + " of offset " + outcome.getCommandOffset();
                }
                if (event.getType().equals("EXECUTION_EVICTED")) {
                    chains.remove(event.getExecutionId());
                } else {
                    chains.put(event.getExecutionId(), event.getHash().toByteArray());
                }
            }
            partition = hashes.partition(partition, outcome);
            if (!outcome.getPartitionHash().equals(ByteString.copyFrom(partition))) {
                return "outcome of offset " + outcome.getCommandOffset();
            }
        }
        return "";
    }

    @ParameterizedTest
    @ValueSource(longs = {6, 7, 9, 11, 15})
    void everyOutcomeAndEachOfItsEventsContinueTheirChains(long seed) {
        List<OutcomeRecord> outcomes = outcomes(seed);
        assertEquals("", wrong(outcomes));
        assertTrue(outcomes.stream().anyMatch(outcome -> outcome.getRulesVersion() == Rules.OLDEST));
        assertTrue(outcomes.stream().anyMatch(outcome -> outcome.getRulesVersion() == Rules.VERSION));
        assertTrue(outcomes.stream().anyMatch(OutcomeRecord::hasRefusal));
    }

    static Stream<Arguments> changesOfAnOutcome() {
        return Stream.of(
                change("command id", outcome -> outcome.setCommandId(ByteString.copyFrom(new byte[16]))),
                change("organisation", outcome -> outcome.setOrgId(ByteString.copyFrom(new byte[16]))),
                change("person", outcome -> outcome.getPrincipalBuilder().setId("eve")),
                change(
                        "kind of person",
                        outcome -> outcome.getPrincipalBuilder().setType(Principal.Type.SYSTEM)),
                change("role", outcome -> outcome.getPrincipalBuilder().setRole("OWNER")),
                change("origin", outcome -> outcome.setOrigin("elsewhere")),
                change(
                        "what moved between two texts",
                        outcome -> outcome.setOrigin("").setCommand(outcome.getOrigin() + outcome.getCommand())),
                change("command", outcome -> outcome.setCommand("cancel_workflow_")),
                change("offset", outcome -> outcome.setCommandOffset(outcome.getCommandOffset() + 1)),
                change("time", outcome -> outcome.setTimeMs(outcome.getTimeMs() + 1)),
                change("rules", outcome -> outcome.setRulesVersion(Rules.OLDEST)),
                change("trace", outcome -> outcome.setTraceparent("")),
                change("record of the command", outcome -> outcome.setCommandHash(ByteString.copyFrom(new byte[32]))),
                change("record of the command left out", OutcomeRecord.Builder::clearCommandHash),
                change(
                        "refusal",
                        outcome -> outcome.getRefusalBuilder()
                                .setReason(RefusalReason.NOT_FOUND)
                                .setText("no")),
                change("event left out", outcome -> outcome.removeEvents(0)),
                change("event twice", outcome -> outcome.addEvents(outcome.getEvents(0))),
                changeOfEvent("subject", event -> event.setSubject(Subject.PARTITION)),
                changeOfEvent("execution", event -> event.setExecutionId(ByteString.copyFrom(new byte[16]))),
                changeOfEvent("organisation of an event", event -> event.setOrgId(ByteString.copyFrom(new byte[16]))),
                changeOfEvent("task", event -> event.setTaskId(ByteString.copyFromUtf8("0123456789abcdef"))),
                changeOfEvent("place in the history", event -> event.setHistorySequence(77)),
                changeOfEvent("place in the chain", event -> event.setChainSequence(77)),
                changeOfEvent("type", event -> event.setType("NOTHING")),
                changeOfEvent("data", event -> event.setData(ByteString.copyFromUtf8("{}"))),
                changeOfEvent("time of an event", event -> event.setTimeMs(event.getTimeMs() + 1)),
                changeOfEvent("status", event -> event.setStatus(ExecutionStatus.CANCELLED)),
                changeOfEvent("hash", event -> event.setHash(ByteString.copyFrom(new byte[32]))));
    }

    private static Arguments change(String what, Consumer<OutcomeRecord.Builder> change) {
        return Arguments.of(what, change);
    }

    private static Arguments changeOfEvent(String what, Consumer<EventRecord.Builder> change) {
        return change(what, outcome -> change.accept(outcome.getEventsBuilder(0)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("changesOfAnOutcome")
    void whateverIsChangedInAnOutcomeOfTheNewestRulesShowsThere(String what, Consumer<OutcomeRecord.Builder> change) {
        List<OutcomeRecord> outcomes = new ArrayList<>(outcomes(6));
        int at = outcomes.indexOf(outcomes.stream()
                .filter(outcome -> outcome.getRulesVersion() == Rules.VERSION)
                .filter(outcome -> outcome.getEventsCount() > 1)
                .filter(outcome -> outcome.getEvents(0).getStatus() != ExecutionStatus.CANCELLED)
                .findFirst()
                .orElseThrow());
        OutcomeRecord.Builder changed = outcomes.get(at).toBuilder();
        change.accept(changed);
        outcomes.set(at, changed.build());

        assertTrue(wrong(outcomes).endsWith("of offset " + changed.getCommandOffset()), wrong(outcomes));
    }

    @Test
    void anOutcomeThatIsLeftOutShowsInTheNextOne() {
        List<OutcomeRecord> outcomes = new ArrayList<>(outcomes(6));
        OutcomeRecord gone = outcomes.remove(outcomes.size() - 3);
        assertFalse(wrong(outcomes).isEmpty(), "without offset " + gone.getCommandOffset());
    }

    @Test
    void rulesOfWhichNothingIsKnownAreNotTakenForOthers() {
        OutcomeRecord unknown =
                OutcomeRecord.newBuilder().setRulesVersion(Rules.VERSION + 1).build();
        assertThrows(IllegalArgumentException.class, () -> new OutcomeHashes().partition(OutcomeHashes.FIRST, unknown));
    }

    @Test
    void numbersThatEnterTheHashesAreThoseOfTheRecords() {
        for (Status status : Status.values()) {
            assertEquals(OutcomeEncoder.encode(status).getNumber(), status.number());
        }
        for (Refusal.Reason reason : Refusal.Reason.values()) {
            assertEquals(RefusalReason.valueOf(reason.name()).getNumber(), reason.number());
        }
        assertArrayEquals(
                new int[] {1, 2, 3},
                new int[] {Subject.WORKFLOW_EXECUTION_VALUE, Subject.TASK_EXECUTION_VALUE, Subject.PARTITION_VALUE});
    }
}

package io.millrace.proto.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.OutcomeRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.Subject;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The example of docs/hashes.md, whose hashes were computed by the program that stands there, and not by this one. */
class OutcomeHashesTest {

    private final OutcomeHashes hashes = new OutcomeHashes();
    private final OutcomeRecord.Builder outcome = OutcomeRecord.newBuilder()
            .setCommandId(hex("0190a5dac96774bbcceb302099a80570"))
            .setOrgId(hex("550e8400e29b41d4a716446655440000"))
            .setPrincipal(Principal.newBuilder()
                    .setType(Principal.Type.USER)
                    .setId("ada")
                    .setRole("ADMIN"))
            .setOrigin("node-1 192.0.2.7")
            .setCommand("signal_workflow")
            .setCommandOffset(7)
            .setTimeMs(1_750_000_000_000L);
    private final EventRecord event = EventRecord.newBuilder()
            .setSubject(Subject.WORKFLOW_EXECUTION)
            .setExecutionId(hex("0190a5dac96774bbcceb302099a80571"))
            .setOrgId(hex("550e8400e29b41d4a716446655440000"))
            .setHistorySequence(1)
            .setChainSequence(1)
            .setType("SIGNAL_RECEIVED")
            .setData(ByteString.copyFromUtf8("{\"signalName\":\"approve\",\"signalValue\":\"Ada\"}"))
            .setTimeMs(1_750_000_000_000L)
            .setStatus(ExecutionStatus.PENDING)
            .build();

    @Test
    void theHashesAreThoseThatTheDocumentSays() {
        byte[] record = "the record as it stands on Kafka".getBytes(StandardCharsets.UTF_8);
        outcome.setRulesVersion(4).setCommandHash(ByteString.copyFrom(hashes.command(record)));
        assertHashes(
                "ae02a257fdcb73a61cb18422c774454a6ab6f401efd03c55197bcd7dac3bfa04",
                "5bf448ef9602ab5142bc385659d89c36d0094271ac021ca92952c440b8cc4155",
                "dc1628b4e13a9787c26154cf87ca5985fde1b303648d7b312804ee4ab595ca54");
    }

    @Test
    void thoseOfRules3StayAsTheyWere() {
        outcome.setRulesVersion(3);
        assertHashes(
                "3fd80a08a1f21a0d0ae9fb9a06d2d95c98b999587fc12b7775d94a504929a8cb",
                "adce27d8e0089c0abfdb0b031b4349fd0c16c481ff631441b02c5c463ca65e84",
                "fab692a85cea416cd6a442850ecb9b1655df1974adf4d691701b9392bca727d6");
    }

    private void assertHashes(String ofEvent, String ofOutcome, String ofRefusal) {
        assertEquals(ofEvent, hex(hashes.event(OutcomeHashes.FIRST, outcome.build(), event)));

        OutcomeRecord whole =
                outcome.addEvents(event.toBuilder().setHash(hex(ofEvent))).build();
        assertEquals(ofOutcome, hex(hashes.partition(OutcomeHashes.FIRST, whole)));

        OutcomeRecord refused = outcome.clearEvents()
                .setRefusal(
                        Refusal.newBuilder().setReason(RefusalReason.NOT_FOUND).setText("expected …, but …"))
                .build();
        assertEquals(ofRefusal, hex(hashes.partition(HexFormat.of().parseHex(ofOutcome), refused)));
    }

    private static ByteString hex(String text) {
        return ByteString.copyFrom(HexFormat.of().parseHex(text));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

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
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The example of docs/hashes.md, whose hashes were computed by the program that stands there, and not by this one. */
class OutcomeHashesTest {

    private static final String EVENT = "3fd80a08a1f21a0d0ae9fb9a06d2d95c98b999587fc12b7775d94a504929a8cb";
    private static final String OUTCOME = "adce27d8e0089c0abfdb0b031b4349fd0c16c481ff631441b02c5c463ca65e84";
    private static final String REFUSED = "fab692a85cea416cd6a442850ecb9b1655df1974adf4d691701b9392bca727d6";

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
            .setTimeMs(1_750_000_000_000L)
            .setRulesVersion(3);
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
        assertEquals(EVENT, hex(hashes.event(OutcomeHashes.FIRST, outcome.build(), event)));

        OutcomeRecord whole =
                outcome.addEvents(event.toBuilder().setHash(hex(EVENT))).build();
        assertEquals(OUTCOME, hex(hashes.partition(OutcomeHashes.FIRST, whole)));

        OutcomeRecord refused = outcome.clearEvents()
                .setRefusal(
                        Refusal.newBuilder().setReason(RefusalReason.NOT_FOUND).setText("expected …, but …"))
                .build();
        assertEquals(REFUSED, hex(hashes.partition(HexFormat.of().parseHex(OUTCOME), refused)));
    }

    private static ByteString hex(String text) {
        return ByteString.copyFrom(HexFormat.of().parseHex(text));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}

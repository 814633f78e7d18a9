package io.millrace.ingest.audit.trail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.Approval;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordNote;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the trail says of commands. */
class AskedTest {

    @Test
    void anApprovedNoteSaysWhatItIsAboutAndWhoApprovedIt() {
        CommandRecord erased = CommandRecord.newBuilder()
                .setRecordNote(
                        RecordNote.newBuilder().setKind("payloads_erased").putDetails("subject", "eve"))
                .setApproval(Approval.newBuilder()
                        .setId(ByteString.copyFrom(new byte[16]))
                        .setApprovedBy(Principal.newBuilder()
                                .setId("bob")
                                .setRole("ADMIN")
                                .setCredential("key-1")))
                .build();

        assertEquals(
                Map.of(
                        "subject", "eve",
                        "approval", "00000000-0000-0000-0000-000000000000",
                        "approvedBy", "bob",
                        "approvedByRole", "ADMIN",
                        "approvedByCredential", "key-1"),
                Asked.read(erased.toByteArray(), new OutcomeHashes()).details());
    }
}

package io.millrace.proto.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.Refusal;
import org.junit.jupiter.api.Test;

/** Reasons are looked at by {@link PendingAnswersTest}; these are the others. */
class RefusalStatusTest {

    @Test
    void aReasonOfALaterVersionIsUnknown() {
        assertEquals(
                Status.Code.UNKNOWN,
                RefusalStatus.of(Refusal.newBuilder().setReasonValue(99).build())
                        .getCode());
    }

    @Test
    void aFailureThatPassesSaysSoInItsTextToo() {
        for (UnavailableException failure : new UnavailableException[] {
            new CommandLogException("expected a part, but it is gone", true, null),
            new ReadsUnavailableException("expected a part, but it is gone", null)
        }) {
            Status status = RefusalStatus.of(failure);
            assertEquals(Status.Code.UNAVAILABLE, status.getCode());
            assertEquals("UNAVAILABLE: expected a part, but it is gone", status.getDescription());
        }
        assertEquals(
                "UNAVAILABLE: x",
                RefusalStatus.of(new CommandLogException("UNAVAILABLE: x", true, null))
                        .getDescription());
    }
}

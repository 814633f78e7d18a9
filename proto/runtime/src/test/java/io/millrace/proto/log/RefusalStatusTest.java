package io.millrace.proto.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.Refusal;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Reasons are looked at by {@link PendingRepliesTest}; these are the failures. */
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
        for (Throwable failure : new Throwable[] {
            new CommandLogException("expected Kafka, but it is gone", true, null),
            new CompletionException(new ReadsUnavailableException("expected a dispatcher, but there is none", null))
        }) {
            Status status = RefusalStatus.of(failure);
            assertEquals(Status.Code.UNAVAILABLE, status.getCode());
            assertTrue(status.getDescription().startsWith("UNAVAILABLE: expected"), status.getDescription());
        }
        assertEquals(
                "UNAVAILABLE: x",
                RefusalStatus.of(new CommandLogException("UNAVAILABLE: x", true, null))
                        .getDescription());
    }

    @Test
    void aStatusStaysWhatItIsHoweverDeepItIsWrapped() {
        Status status = Status.NOT_FOUND.withDescription("expected a workflow");
        assertEquals(
                status,
                RefusalStatus.of(new CompletionException(new CompletionException(status.asRuntimeException()))));
    }

    @Test
    void whatNobodyThoughtOfIsInternal() {
        assertEquals(
                Status.Code.INTERNAL,
                RefusalStatus.of(new IllegalStateException("odd")).getCode());
    }
}

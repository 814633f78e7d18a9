package io.millrace.ingest.encryption;

import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.v1.RefusalReason;
import java.time.Instant;
import java.util.Objects;

/** What was asked for was erased: nobody can read it any more. */
public final class ErasedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long atMs;

    ErasedException(long atMs) {
        super(
                "expected payloads that can be read, but they were erased at " + Instant.ofEpochMilli(atMs),
                null,
                false,
                false);
        this.atMs = atMs;
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "text");
    }

    /** @return when, milliseconds since the epoch */
    public long atMs() {
        return atMs;
    }

    /** @return the same for the caller of a request that cannot be carried out without them */
    public RefusedException refusal() {
        return new RefusedException(RefusalReason.FAILED_PRECONDITION, getMessage());
    }
}

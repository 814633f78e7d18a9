package io.millrace.proto.reads;

import io.millrace.proto.UnavailableException;

/** Nobody serves the partition now: the dispatcher starts, or partitions move. Callers should try again soon. */
public final class ReadsUnavailableException extends UnavailableException {

    private static final long serialVersionUID = 1L;

    /** @param message which partition, and why */
    public ReadsUnavailableException(String message) {
        super(message);
    }

    /** As above, with the failure of the other node. */
    public ReadsUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.millrace.proto.log;

import io.grpc.Status;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;

/** Refusals and outages as the gRPC status that callers see. Every part of a node that answers calls uses this one table. */
public final class RefusalStatus {

    private RefusalStatus() {}

    /** @return status of a refusal, with its text */
    public static Status of(Refusal refusal) {
        return of(refusal.getReason()).withDescription(refusal.getText());
    }

    /** @return status of a reason, without a text; UNKNOWN for a reason of a later version */
    public static Status of(RefusalReason reason) {
        return switch (reason) {
            case INVALID_ARGUMENT -> Status.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.NOT_FOUND;
            case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
            case FAILED_PRECONDITION -> Status.FAILED_PRECONDITION;
            case RESOURCE_EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case PERMISSION_DENIED -> Status.PERMISSION_DENIED;
            case ABORTED -> Status.ABORTED;
            case UNIMPLEMENTED -> Status.UNIMPLEMENTED;
            case POISON -> Status.INTERNAL;
            case REFUSAL_REASON_UNSPECIFIED, UNRECOGNIZED -> Status.UNKNOWN;
        };
    }

    /**
     * @return UNAVAILABLE. The word stands in the text too. Some SDKs look for it there, to see that the failure will
     *     pass and is no mistake of theirs
     */
    public static Status of(UnavailableException outage) {
        String text = String.valueOf(outage.getMessage());
        return Status.UNAVAILABLE.withDescription(text.contains("UNAVAILABLE") ? text : "UNAVAILABLE: " + text);
    }
}

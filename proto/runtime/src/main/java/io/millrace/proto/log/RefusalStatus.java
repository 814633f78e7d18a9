package io.millrace.proto.log;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.v1.Refusal;
import java.util.concurrent.CompletionException;

/** Refusals and failures as the gRPC status that callers see. */
public final class RefusalStatus {

    private RefusalStatus() {}

    /** @return status of a refusal, with its text */
    public static Status of(Refusal refusal) {
        Status status = switch (refusal.getReason()) {
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
        return status.withDescription(refusal.getText());
    }

    /** @return status of a failure of any kind; a failure that is not known to pass is INTERNAL */
    public static Status of(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return switch (cause) {
            case StatusRuntimeException e -> e.getStatus();
            // Some SDKs look for this very word to see that the failure will pass.
            case UnavailableException e ->
                Status.UNAVAILABLE.withDescription(worded(e)).withCause(e);
            case null -> Status.UNKNOWN;
            default ->
                Status.INTERNAL.withDescription("the server failed: " + cause).withCause(cause);
        };
    }

    private static String worded(Exception e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("UNAVAILABLE") ? message : "UNAVAILABLE: " + message;
    }
}

package io.millrace.ingest.grpc;

import io.grpc.Status;
import io.millrace.ingest.operations.Failures;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.FailurePlaces;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.v1.RefusalReason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** gRPC statuses for what goes wrong. */
final class GrpcErrors {

    private static final Logger LOG = LoggerFactory.getLogger(GrpcErrors.class);

    private GrpcErrors() {}

    /** @return the status that the caller is to see; what nobody expected goes into the server's own log as well */
    static Status status(Throwable error, String method) {
        Throwable cause = Failures.cause(error);
        if (cause instanceof RefusedException refused) {
            return status(refused.reason()).withDescription(refused.getMessage());
        }
        if (cause instanceof UnavailableException) {
            return Status.UNAVAILABLE.withDescription(outage(String.valueOf(cause.getMessage())));
        }
        LOG.error("unexpected failure of {}: {}", method, FailurePlaces.of(cause));
        return Status.INTERNAL.withDescription(
                "unexpected failure of " + method + ": " + cause.getClass().getSimpleName());
    }

    /** SDKs look for the word in the text to tell an outage from a mistake. */
    private static String outage(String text) {
        return text.contains("UNAVAILABLE") ? text : "UNAVAILABLE: " + text;
    }

    private static Status status(RefusalReason reason) {
        return switch (reason) {
            case INVALID_ARGUMENT -> Status.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.NOT_FOUND;
            case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
            case FAILED_PRECONDITION -> Status.FAILED_PRECONDITION;
            case RESOURCE_EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case PERMISSION_DENIED -> Status.PERMISSION_DENIED;
            case ABORTED -> Status.ABORTED;
            case UNIMPLEMENTED -> Status.UNIMPLEMENTED;
            case POISON, REFUSAL_REASON_UNSPECIFIED, UNRECOGNIZED -> Status.INTERNAL;
        };
    }
}

package io.millrace.ingest.grpc;

import io.grpc.Status;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.FailurePlaces;
import io.millrace.proto.Failures;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.log.RefusalStatus;
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
            return RefusalStatus.of(refused.reason()).withDescription(refused.getMessage());
        }
        if (cause instanceof UnavailableException outage) {
            return RefusalStatus.of(outage);
        }
        LOG.error("unexpected failure of {}: {}", method, FailurePlaces.of(cause));
        return Status.INTERNAL.withDescription(
                "unexpected failure of " + method + ": " + cause.getClass().getSimpleName());
    }
}

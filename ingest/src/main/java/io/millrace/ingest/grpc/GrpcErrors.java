package io.millrace.ingest.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.FailureTrace;
import io.millrace.proto.Failures;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.log.RefusalStatus;
import io.millrace.proto.trace.LoggedTrace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** gRPC statuses for what goes wrong. */
final class GrpcErrors {

    private static final Logger LOG = LoggerFactory.getLogger(GrpcErrors.class);

    private GrpcErrors() {}

    /** @return what the caller is to see; what nobody expected goes into the server's own log as well */
    static StatusRuntimeException answer(Throwable error, Request request) {
        Status status = status(error, request);
        return Failures.cause(error) instanceof RefusedException refused
                        && refused.pause().isPresent()
                ? status.asRuntimeException(
                        LimitRefusals.later(status, refused.pause().get()))
                : status.asRuntimeException();
    }

    private static Status status(Throwable error, Request request) {
        Throwable cause = Failures.cause(error);
        if (cause instanceof RefusedException refused) {
            return RefusalStatus.of(refused.reason()).withDescription(refused.getMessage());
        }
        if (cause instanceof UnavailableException outage) {
            return RefusalStatus.of(outage);
        }
        String method = request.method();
        try (LoggedTrace trace = LoggedTrace.of(request.traceparent())) {
            LOG.error("unexpected failure of {}: {}", method, FailureTrace.of(cause));
        }
        return Status.INTERNAL.withDescription(
                "unexpected failure of " + method + ": " + cause.getClass().getSimpleName());
    }
}

package io.millrace.ingest.auth;

import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.Approval;
import java.util.Optional;
import java.util.UUID;

/**
 * A request as the log is to remember it.
 *
 * @param caller who asks, and from where
 * @param method what is asked: the full name of the gRPC method, or the HTTP method and path template
 * @param traceparent trace context of the caller, or the empty text
 * @param reason why, as the caller says, or the empty text
 * @param approval who else has approved it, where that was needed
 * @param bulkJob the bulk job whose item it is about, where it is made for one
 */
public record Request(
        Caller caller,
        String method,
        String traceparent,
        String reason,
        Optional<Approval> approval,
        Optional<UUID> bulkJob) {

    /** A request that nobody else has approved, and that is made for itself. */
    public Request(Caller caller, String method, String traceparent, String reason) {
        this(caller, method, traceparent, reason, Optional.empty(), Optional.empty());
    }

    /** A request that does not say why. */
    public Request(Caller caller, String method, String traceparent) {
        this(caller, method, traceparent, "");
    }

    /** @return the request of the current gRPC call */
    public static Request ofCurrentCall(String method) {
        String traceparent = Traceparent.KEY.get();
        String reason = Reason.KEY.get();
        return new Request(
                Caller.current(), method, traceparent == null ? "" : traceparent, reason == null ? "" : reason);
    }

    /** @return the same, and why */
    public Request because(String why) {
        return new Request(caller, method, traceparent, why, approval, bulkJob);
    }

    /** @return the same, approved by somebody else */
    public Request approved(Approval by) {
        return new Request(caller, method, traceparent, reason, Optional.of(by), bulkJob);
    }

    /** @return the same, made for an item of a bulk job */
    public Request of(UUID job) {
        return new Request(caller, method, traceparent, reason, approval, Optional.of(job));
    }
}

package io.millrace.notifier.call;

import io.millrace.notifier.queue.WorkQueue;
import io.millrace.proto.Excerpt;
import io.millrace.proto.Ids;
import io.millrace.proto.Names;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.log.RefusalStatus;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.WorkType;
import java.util.Optional;
import java.util.UUID;

/**
 * What polls and subscriptions have in common.
 *
 * @param method full name of the gRPC method
 * @param orgId as the request gives it, like the others
 * @param queue empty for the default one
 * @param workerId who asks
 */
public record QueueRequest(String method, String orgId, String queue, String workerId) {

    /** Name of the queue that an empty one stands for. */
    public static final String DEFAULT_QUEUE = "default";

    /**
     * Says which queue the request is about.
     *
     * @param refused where it is noted if the request is refused
     * @return the queue's key
     * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT for a malformed organisation, an empty worker id or a
     *     malformed name; PERMISSION_DENIED for another organisation than the caller's, or a queue that its key is not
     *     for
     */
    public WorkQueue queueOf(WorkType type, RefusedRequests refused) {
        Caller caller = Caller.current();
        Optional<Refusal> refusal = refusal(caller);
        if (refusal.isPresent()) {
            // Only the front door reads traces.
            refused.note(
                    caller, method, "", refusal.get().getReason(), refusal.get().getText());
            throw RefusalStatus.of(refusal.get()).asRuntimeException();
        }
        return new WorkQueue(caller.orgId(), queueName(), type);
    }

    private Optional<Refusal> refusal(Caller caller) {
        Optional<UUID> org = Ids.parse(orgId);
        if (org.isEmpty()) {
            return invalid("expected org_id to be a UUID, but "
                    + (orgId.isEmpty() ? "it is empty" : "got '" + shortened(orgId) + "'"));
        }
        if (!caller.orgId().equals(org.get())) {
            return refusal(
                    RefusalReason.PERMISSION_DENIED,
                    "expected org_id to be the caller's organisation, " + caller.orgId() + ", but it is " + org.get());
        }
        if (workerId.isEmpty()) {
            return invalid("expected worker_id to name the worker, but it is empty");
        }
        Optional<Refusal> malformed = Names.fault("worker_id", workerId, Names.MAX_CHARS)
                .or(() -> Names.fault("queue", queue, Names.MAX_CHARS))
                .flatMap(QueueRequest::invalid);
        return malformed.isPresent() || caller.scope().hasQueue(queueName())
                ? malformed
                : refusal(
                        RefusalReason.PERMISSION_DENIED,
                        "expected queue to be one of " + caller.scope()
                                + ", which the key of " + caller.principal().getId() + " is kept to, but it is '"
                                + shortened(queueName()) + "'");
    }

    private String queueName() {
        return queue.isEmpty() ? DEFAULT_QUEUE : queue;
    }

    private static Optional<Refusal> invalid(String text) {
        return refusal(RefusalReason.INVALID_ARGUMENT, text);
    }

    private static Optional<Refusal> refusal(RefusalReason reason, String text) {
        return Optional.of(Refusal.newBuilder().setReason(reason).setText(text).build());
    }

    private static String shortened(String text) {
        return Excerpt.marked(text, 64);
    }
}

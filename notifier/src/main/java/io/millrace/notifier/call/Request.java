package io.millrace.notifier.call;

import io.grpc.Status;
import io.millrace.notifier.queue.QueueKey;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.v1.WorkType;
import java.util.UUID;

/** Checks that polls and subscriptions have in common. */
public final class Request {

    /** Name of the queue that an empty one stands for. */
    public static final String DEFAULT_QUEUE = "default";

    /** Longest worker id and queue name, in characters. */
    public static final int MAX_NAME = 512;

    private Request() {}

    /**
     * Says which queue a request is about.
     *
     * @return the queue's key
     * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT for a malformed organisation, an empty worker id or a name
     *     that is too long, PERMISSION_DENIED for another organisation than the caller's
     */
    public static QueueKey queue(String orgId, String queue, String workerId, WorkType type) {
        UUID org = Ids.parse(orgId).orElseThrow(() -> invalid("expected org_id to be a UUID, but "
                + (orgId.isEmpty() ? "it is empty" : "got '" + shortened(orgId) + "'")));
        Caller caller = Caller.current();
        if (!caller.orgId().equals(org)) {
            throw Status.PERMISSION_DENIED
                    .withDescription("expected org_id to be the caller's organisation, " + caller.orgId()
                            + ", but it is " + org)
                    .asRuntimeException();
        }
        if (workerId.isEmpty()) {
            throw invalid("expected worker_id to name the worker, but it is empty");
        }
        checkLength("worker_id", workerId);
        checkLength("queue", queue);
        return new QueueKey(org, queue.isEmpty() ? DEFAULT_QUEUE : queue, type);
    }

    private static void checkLength(String field, String value) {
        if (value.length() > MAX_NAME) {
            throw invalid("expected " + field + " to have at most " + MAX_NAME + " characters, but it has "
                    + value.length());
        }
    }

    private static RuntimeException invalid(String text) {
        return Status.INVALID_ARGUMENT.withDescription(text).asRuntimeException();
    }

    private static String shortened(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "…";
    }
}

package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Permissions;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.v1.RefusalReason;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sees to it that what the front door refuses stands in the log, like everything else that was asked. Safe from any
 * thread; nobody waits for the record.
 */
public final class RefusalLog {

    private final RefusedRequests refused;

    /** @param refused where refusals are noted */
    public RefusalLog(RefusedRequests refused) {
        this.refused = refused;
    }

    /**
     * Carries out the request; a refusal by the front door, thrown or in the future, is recorded on the way.
     *
     * @return what the action returns; a future that holds whatever the action throws
     */
    public <T> CompletableFuture<T> watch(Request request, Supplier<CompletableFuture<T>> action) {
        return Failures.caught(action).whenComplete((value, error) -> {
            if (error != null && Failures.cause(error) instanceof RefusedException refusal && !refusal.logged()) {
                record(request, refusal);
            }
        });
    }

    /**
     * Notes that the request was refused. What made no sense and would only have read is not noted: it changes nothing and tells
     * nothing, and people mistype queries often.
     */
    public void record(Request request, RefusedException refusal) {
        if (refusal.reason() == RefusalReason.INVALID_ARGUMENT && Permissions.onlyReads(request.method())) {
            return;
        }
        refused.note(request.caller(), request.method(), request.traceparent(), refusal.reason(), refusal.getMessage());
    }
}

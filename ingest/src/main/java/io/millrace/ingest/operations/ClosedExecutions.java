package io.millrace.ingest.operations;

import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.RefusalReason;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Executions that ended so long ago that they have left the dispatcher's stores. What is asked of them is answered as
 * it was while they were there. Safe from any thread, never blocks.
 */
final class ClosedExecutions {

    private static final Set<ExecutionStatus> ENDS = EnumSet.of(
            ExecutionStatus.COMPLETED,
            ExecutionStatus.FAILED,
            ExecutionStatus.CANCELLED,
            ExecutionStatus.CONTINUED_AS_NEW);

    private final ExecutionQueries queries;

    ClosedExecutions(ExecutionQueries queries) {
        this.queries = queries;
    }

    /** @return whether an execution of this status stays as it is */
    static boolean is(ExecutionStatus status) {
        return ENDS.contains(status);
    }

    /** @return the refusal of what only an open execution takes */
    static RefusedException notOpen(String expected, UUID id, ExecutionStatus status) {
        return new RefusedException(
                RefusalReason.FAILED_PRECONDITION, "expected " + expected + ", but " + id + " is " + status);
    }

    /**
     * @param answer what the dispatcher says
     * @param ended the answer for a workflow of this status, or throws the refusal
     * @return the dispatcher's answer; what {@code ended} says where that is NOT_FOUND but the read model knows the end
     */
    <T> CompletableFuture<T> workflow(
            UUID orgId, UUID id, CompletableFuture<T> answer, Function<ExecutionStatus, T> ended) {
        return otherwise(
                answer,
                () -> queries.execution(orgId, id)
                        .thenApply(found -> found.map(detail -> detail.row().status())),
                ended);
    }

    /** The same for a task. */
    <T> CompletableFuture<T> task(
            UUID orgId, UUID id, CompletableFuture<T> answer, Function<ExecutionStatus, T> ended) {
        return otherwise(
                answer,
                () -> queries.task(orgId, id)
                        .thenApply(found -> found.map(detail -> detail.row().status())),
                ended);
    }

    private static <T> CompletableFuture<T> otherwise(
            CompletableFuture<T> answer,
            Supplier<CompletableFuture<Optional<ExecutionStatus>>> status,
            Function<ExecutionStatus, T> ended) {
        return answer.exceptionallyCompose(error -> {
            if (!(Failures.cause(error) instanceof RefusedException refusal)
                    || refusal.reason() != RefusalReason.NOT_FOUND) {
                return CompletableFuture.failedFuture(error);
            }
            return status.get()
                    .thenApply(found ->
                            found.filter(ClosedExecutions::is).map(ended).orElseThrow(() -> refusal));
        });
    }
}

package io.millrace.ingest.operations;

import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Shards;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.RecordRefusal;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sees to it that what the front door refuses stands in the log, like everything else that was asked. Safe from any
 * thread; nobody waits for the record.
 */
public final class RefusalLog {

    private static final int MAX_TEXT_CHARS = 1_000;

    private final CommandLog log;

    /** @param log where refusals are appended */
    public RefusalLog(CommandLog log) {
        this.log = log;
    }

    /**
     * Carries out the request; a refusal by the front door, thrown or in the future, is recorded on the way.
     *
     * @return what the action returns; a future that holds whatever the action throws
     */
    public <T> CompletableFuture<T> watch(Request request, Supplier<CompletableFuture<T>> action) {
        CompletableFuture<T> answer;
        try {
            answer = action.get();
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        return answer.whenComplete((value, error) -> {
            if (error != null && Failures.cause(error) instanceof RefusedException refusal && !refusal.logged()) {
                record(request, refusal);
            }
        });
    }

    /** Notes that the request was refused. */
    public void record(Request request, RefusedException refusal) {
        String text = refusal.getMessage();
        RecordRefusal.Builder body = RecordRefusal.newBuilder()
                .setMethod(request.method())
                .setReason(refusal.reason().name())
                .setText(text.length() > MAX_TEXT_CHARS ? text.substring(0, MAX_TEXT_CHARS) : text);
        int shard = Shards.of(request.caller().orgId(), request.method());
        log.tell(
                Shards.partition(shard, log.partitions()),
                CommandHeader.of(request, log.node()).setRecordRefusal(body));
    }
}

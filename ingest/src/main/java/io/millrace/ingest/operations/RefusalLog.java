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
        return Failures.caught(action).whenComplete((value, error) -> {
            if (error != null && Failures.cause(error) instanceof RefusedException refusal && !refusal.logged()) {
                record(request, refusal);
            }
        });
    }

    /** Notes that the request was refused. */
    public void record(Request request, RefusedException refusal) {
        RecordRefusal.Builder body = RecordRefusal.newBuilder()
                .setMethod(request.method())
                .setReason(refusal.reason().name())
                .setText(text(refusal));
        int shard = Shards.of(request.caller().orgId(), request.method());
        log.tell(
                Shards.partition(shard, log.partitions()),
                CommandHeader.of(request, log.node()).setRecordRefusal(body));
    }

    /** @return the refusal's text as it stands in the log: of bounded length */
    static String text(RefusedException refusal) {
        String text = refusal.getMessage();
        return text.length() > MAX_TEXT_CHARS ? text.substring(0, MAX_TEXT_CHARS) : text;
    }
}

package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReportRefused;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Tells the engine of workers' reports that were refused, because it waits for them. Otherwise the work would hang
 * until its lease ends, and then fail without a word on why. Safe from any thread, never blocks.
 */
final class RefusedReportSender {

    private final CommandSender sender;
    private final StampedSettings settings;
    private final TaskOwners owners;

    RefusedReportSender(CommandSender sender, StampedSettings settings, TaskOwners owners) {
        this.sender = sender;
        this.settings = settings;
        this.owners = owners;
    }

    /** @return what the submission of the workflow's worker returns, or its failure, which the engine has been told of */
    <T> CompletableFuture<T> ofWorkflow(
            Request request,
            UUID executionId,
            IntSupplier firstSequenceNumber,
            Supplier<CompletableFuture<T>> submission) {
        return watch(
                submission,
                text -> tell(request, executionId, body(text).setFirstSequenceNumber(firstSequenceNumber.getAsInt())));
    }

    /** @return what the report of the task's worker returns, or its failure, which the engine has been told of */
    <T> CompletableFuture<T> ofTask(Request request, UUID taskId, Supplier<CompletableFuture<T>> report) {
        return watch(
                report,
                text -> owners.ownerOf(request.caller().orgId(), taskId)
                        .thenCompose(executionId ->
                                tell(request, executionId, body(text).setTaskId(Ids.toByteString(taskId)))));
    }

    /** The caller hears of the refusal once the engine will, so that a report that it corrects comes behind. */
    private static <T> CompletableFuture<T> watch(
            Supplier<CompletableFuture<T>> report, Function<String, CompletableFuture<Void>> teller) {
        return Failures.caught(report).exceptionallyCompose(error -> {
            CompletableFuture<T> failed = CompletableFuture.failedFuture(error);
            // Of work that is not there the engine has nothing to take back.
            return Failures.cause(error) instanceof RefusedException refusal
                            && refusal.reason() != RefusalReason.NOT_FOUND
                    ? teller.apply(RefusedRequests.text(refusal.getMessage()))
                            .handle((told, lost) -> failed)
                            .thenCompose(outcome -> outcome)
                    : failed;
        });
    }

    private ReportRefused.Builder body(String text) {
        return ReportRefused.newBuilder()
                .setText(text)
                .setGraceMs(settings.refusalGrace().toMillis())
                .setMaxRounds(settings.maxRefusedRounds());
    }

    private CompletableFuture<Void> tell(Request request, UUID executionId, ReportRefused.Builder body) {
        return sender.tell(
                Shards.of(executionId),
                sender.command(request).setReportRefused(body.setExecutionId(Ids.toByteString(executionId))));
    }
}

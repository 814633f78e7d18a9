package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.encryption.Erasure;
import io.millrace.ingest.encryption.Erasure.Plan;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.RecordNote;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.TaskView;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Erases payloads, by erasing the data keys by which they are encrypted. Who, when and why stands in the log before any key is
 * erased. An execution that is open is cancelled, since nobody can carry on with it. Asked again, it goes on where it failed.
 * Safe from any thread, never blocks; a request that does not pass the checks throws {@link RefusedException}.
 */
public final class EraseOperations {

    private static final Pattern NOT_BLANK = Pattern.compile("\\S");

    private final CommandSender sender;
    private final Checks checks;
    private final Erasure erasure;
    private final Approvals approvals;
    private final WorkflowOperations workflows;
    private final HistoryOperations history;
    private final TaskOperations tasks;

    EraseOperations(
            CommandSender sender,
            Checks checks,
            Erasure erasure,
            Approvals approvals,
            WorkflowOperations workflows,
            HistoryOperations history,
            TaskOperations tasks) {
        this.sender = sender;
        this.checks = checks;
        this.erasure = erasure;
        this.approvals = approvals;
        this.workflows = workflows;
        this.history = history;
        this.tasks = tasks;
    }

    /**
     * What came of it. Times are milliseconds since the epoch.
     *
     * @param atMs when it was erased
     * @param nowhereMs from when on no part of the installation has a key any more
     * @param changed whether this request did it; false: it was erased before
     */
    public record Erased(long atMs, long nowhereMs, boolean changed) {}

    /**
     * Where a request to erase has come to. One of both is there.
     *
     * @param erased what came of it
     * @param pending nothing was done yet, since somebody else has to approve it
     */
    public record Erasing(Optional<Erased> erased, Optional<Approvals.Pending> pending) {

        private static Erasing done(Erased erased) {
            return new Erasing(Optional.of(erased), Optional.empty());
        }

        private static Erasing asked(Approvals.Pending pending) {
            return new Erasing(Optional.empty(), Optional.of(pending));
        }
    }

    /** Erases what a workflow has, and the children that have its key. */
    public CompletableFuture<Erasing> workflow(Request request, String executionId, String reason) {
        Request because = request.because(reason(reason));
        UUID id = checks.id("id", executionId);
        return history.execution(request.caller(), executionId)
                .thenCompose(found -> history.timedEvents(request.caller(), executionId)
                        .thenCompose(events -> {
                            ByteString input = found.live()
                                    .map(ExecutionView::getInput)
                                    .orElseGet(
                                            () -> found.closed().orElseThrow().input());
                            List<ByteString> others =
                                    events.stream().map(EventRow::data).toList();
                            Plan plan = erasure.ofExecution(request.caller().orgId(), id, input, others);
                            return approved(
                                    because,
                                    plan,
                                    id,
                                    null,
                                    null,
                                    () -> eraseAndEnd(
                                            because, plan, id, found.ended(), () -> workflows.cancel(because, id)));
                        }));
    }

    /** Erases what a standalone task has. */
    public CompletableFuture<Erasing> task(Request request, String taskId, String reason) {
        Request because = request.because(reason(reason));
        UUID id = checks.id("id", taskId);
        return tasks.find(request.caller(), taskId).thenCompose(found -> {
            UUID workflow = found.owner(id);
            if (!workflow.equals(id)) {
                throw new RefusedException(
                        RefusalReason.FAILED_PRECONDITION,
                        "expected a task without a workflow, but " + id + " is of the workflow " + workflow
                                + ": erase that");
            }
            ByteString input = found.live()
                    .map(TaskView::getInput)
                    .orElseGet(() -> found.closed().orElseThrow().input());
            Plan plan = erasure.ofExecution(request.caller().orgId(), id, input, List.of());
            CancelTaskRequest cancel =
                    CancelTaskRequest.newBuilder().setTaskExecutionId(taskId).build();
            return approved(
                    because,
                    plan,
                    null,
                    id,
                    null,
                    () -> eraseAndEnd(because, plan, id, found.ended(), () -> tasks.cancel(because, cancel, id)));
        });
    }

    /** Erases what stands under the keys of a data subject, in whatever executions; open ones end when a worker would get them. */
    public CompletableFuture<Erasing> subject(Request request, String name, String reason) {
        Request because = request.because(reason(reason));
        UUID orgId = request.caller().orgId();
        Plan plan = erasure.ofSubject(orgId, checks.name("subject", name));
        return approved(
                because,
                plan,
                null,
                null,
                name,
                () -> erase(
                        because,
                        plan,
                        Shards.of(orgId, name),
                        RecordNote.newBuilder().putDetails("subject", name)));
    }

    /** Erases, if nobody else has to approve it first. Where nothing is left to erase, nobody is asked. */
    private CompletableFuture<Erasing> approved(
            Request because,
            Plan plan,
            @Nullable UUID executionId,
            @Nullable UUID taskId,
            @Nullable String subject,
            Supplier<CompletableFuture<Erased>> erase) {
        return (plan.done()
                        ? CompletableFuture.completedFuture(Optional.<Approvals.Pending>empty())
                        : approvals.ask(because, ApprovalAction.ERASE, executionId, taskId, subject))
                .thenCompose(pending -> pending.isPresent()
                        ? CompletableFuture.completedFuture(Erasing.asked(pending.get()))
                        : erase.get().thenApply(Erasing::done));
    }

    /** Erases what an execution has. What is open then ends, since nobody could read it any more. */
    private CompletableFuture<Erased> eraseAndEnd(
            Request because, Plan plan, UUID id, boolean ended, Supplier<CompletableFuture<?>> end) {
        RecordNote.Builder note = RecordNote.newBuilder().setExecutionId(Ids.toByteString(id));
        return erase(because, plan, Shards.of(id), note)
                .thenCompose(erased -> ended
                        ? CompletableFuture.completedFuture(erased)
                        : end.get().thenApply(cancelled -> erased));
    }

    private String reason(String text) {
        if (!NOT_BLANK.matcher(text).find()) {
            throw RefusedException.invalid("expected a reason, without which nothing is erased, but there is none");
        }
        return checks.reason(text);
    }

    private CompletableFuture<Erased> erase(Request request, Plan plan, int shard, RecordNote.Builder note) {
        if (plan.done()) {
            long beforeMs = plan.beforeMs().orElseThrow();
            return CompletableFuture.completedFuture(new Erased(beforeMs, erasure.nowhereMs(beforeMs), false));
        }
        note.setKind(Approval.ERASED)
                .putDetails("request", request.method())
                .putDetails("keys", String.valueOf(plan.keyIds().size()));
        // Not only written: older rules refuse notes, and nothing is erased of which the trail does not tell.
        return sender.ask(shard, sender.command(request).setRecordNote(note)).thenCompose(noted -> {
            long atMs = System.currentTimeMillis();
            return erasure.carryOut(request.caller().orgId(), plan, atMs)
                    .thenApply(done -> new Erased(atMs, erasure.nowhereMs(atMs), true));
        });
    }
}

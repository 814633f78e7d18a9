package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.audit.trail.Asked;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.encryption.BegunErasure;
import io.millrace.ingest.encryption.Erasure;
import io.millrace.ingest.encryption.Erasure.Plan;
import io.millrace.ingest.encryption.Owner;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordNote;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.TaskView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Erases payloads, by erasing the data keys by which they are encrypted. Who, when and why stands in the log before any key is
 * erased, and that it is done only once all keys are. In between it stands on the topic of data keys that it has begun, so it is ended by
 * another node if this one dies. An execution that is open is cancelled, since nobody can carry on with it.
 * Safe from any thread, never blocks; a request that does not pass the checks throws {@link RefusedException}.
 */
public final class EraseOperations {

    /** Kind of the note that an erasure has begun: its keys may be there or not. */
    private static final String BEGUN = "payload_erasure_begun";

    private static final Principal SYSTEM = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("erasure")
            .build();

    /** A note tells of so many keys by name, that it stays small. */
    private static final int MOST_KEY_IDS = 1_000;

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
        return erasure.upToDate()
                .thenCompose(known -> history.execution(request.caller(), executionId))
                .thenCompose(found -> history.timedEvents(request.caller(), executionId)
                        .thenCompose(events -> {
                            List<ByteString> others =
                                    events.stream().map(EventRow::data).toList();
                            return gone(request.caller(), id, others)
                                    .thenCompose(gone -> workflow(because, id, found, others, gone));
                        }));
    }

    private CompletableFuture<Erasing> workflow(
            Request because, UUID id, HistoryOperations.Found found, List<ByteString> others, Set<UUID> gone) {
        ByteString input = found.live()
                .map(ExecutionView::getInput)
                .orElseGet(() -> found.closed().orElseThrow().input());
        Plan plan = erasure.ofExecution(because.caller().orgId(), id, input, others, gone);
        return approved(
                because,
                plan,
                id,
                null,
                null,
                () -> eraseAndEnd(because, plan, found.ended(), () -> workflows.cancel(because, id)));
    }

    /** @return those that are no executions, of which something in the history tells */
    private CompletableFuture<Set<UUID>> gone(Caller caller, UUID id, List<ByteString> others) {
        Set<UUID> gone = ConcurrentHashMap.newKeySet();
        return CompletableFuture.allOf(erasure.othersIn(caller.orgId(), id, others).stream()
                        .map(other -> isThere(history.execution(caller, other.toString()))
                                .thenAcceptBoth(isThere(tasks.find(caller, other.toString())), (workflow, task) -> {
                                    if (!workflow && !task) {
                                        gone.add(other);
                                    }
                                }))
                        .toArray(CompletableFuture[]::new))
                .thenApply(all -> gone);
    }

    private static CompletableFuture<Boolean> isThere(CompletableFuture<?> found) {
        return found.<Boolean>thenApply(one -> true)
                .exceptionallyCompose(failure -> Failures.cause(failure) instanceof RefusedException refused
                                && refused.reason() == RefusalReason.NOT_FOUND
                        ? CompletableFuture.completedFuture(false)
                        : CompletableFuture.failedFuture(failure));
    }

    /** Erases what a standalone task has. */
    public CompletableFuture<Erasing> task(Request request, String taskId, String reason) {
        Request because = request.because(reason(reason));
        UUID id = checks.id("id", taskId);
        return erasure.upToDate()
                .thenCompose(known -> tasks.find(request.caller(), taskId))
                .thenCompose(found -> {
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
                    Plan plan = erasure.ofExecution(request.caller().orgId(), id, input, List.of(), Set.of());
                    CancelTaskRequest cancel = CancelTaskRequest.newBuilder()
                            .setTaskExecutionId(taskId)
                            .build();
                    return approved(
                            because,
                            plan,
                            null,
                            id,
                            null,
                            () -> eraseAndEnd(
                                    because,
                                    plan,
                                    found.ended(),
                                    () -> tasks.cancel(because, cancel, id, OptionalLong.empty())));
                });
    }

    /** Erases what stands under the keys of a data subject, in whatever executions; open ones end when a worker would get them. */
    public CompletableFuture<Erasing> subject(Request request, String name, String reason) {
        Request because = request.because(reason(reason));
        UUID orgId = request.caller().orgId();
        String subject = checks.name("subject", name);
        return erasure.upToDate().thenCompose(known -> {
            Plan plan = erasure.ofSubject(orgId, subject);
            return approved(because, plan, null, null, subject, () -> erase(because, plan));
        });
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
            Request because, Plan plan, boolean ended, Supplier<CompletableFuture<?>> end) {
        return erase(because, plan)
                .thenCompose(erased -> ended
                        ? CompletableFuture.completedFuture(erased)
                        : end.get().thenApply(cancelled -> erased));
    }

    private String reason(String text) {
        return checks.neededReason(text, "without which nothing is erased");
    }

    private CompletableFuture<Erased> erase(Request request, Plan plan) {
        UUID orgId = request.caller().orgId();
        if (plan.done()) {
            long beforeMs = plan.beforeMs().orElseThrow();
            return endThoseOf(orgId, plan.owner())
                    .thenApply(ended -> new Erased(beforeMs, erasure.nowhereMs(beforeMs), false));
        }
        Optional<UUID> approval = request.approval().map(by -> Ids.fromBytes(by.getId()));
        // Asked and not only written: older rules refuse notes, and nothing is erased of which the trail does not tell.
        return sender.ask(shard(orgId, plan.owner()), command(request, note(BEGUN, plan.owner(), plan.keyIds())))
                .thenCompose(noted -> erasure.begin(orgId, plan, approval))
                .thenCompose(begun -> erasure.carryOut(begun)
                        .thenCompose(gone -> sender.ask(shard(orgId, begun.owner()), command(request, erased(begun))))
                        // If this fails, what is done will be done and noted once more.
                        .thenCompose(noted -> erasure.end(begun).exceptionally(failure -> null))
                        .thenApply(ended -> new Erased(begun.atMs(), erasure.nowhereMs(begun.atMs()), true)));
    }

    private CommandRecord.Builder command(Request request, RecordNote.Builder note) {
        return sender.command(request).setRecordNote(note.putDetails("request", request.method()));
    }

    /** Tells of each key, so that the trail says what was erased whatever becomes of the topic of data keys. */
    private static RecordNote.Builder erased(BegunErasure begun) {
        return note(Approval.ERASED, begun.owner(), begun.keyIds())
                .putDetails(
                        "key_ids",
                        begun.keyIds().stream()
                                .sorted()
                                .limit(MOST_KEY_IDS)
                                .map(UUID::toString)
                                .collect(Collectors.joining(" ")));
    }

    /** Beside what it is about. */
    private static int shard(UUID orgId, Owner owner) {
        return switch (owner) {
            case Owner.Execution execution -> Shards.of(execution.id());
            case Owner.Subject subject -> Shards.of(orgId, subject.name());
        };
    }

    private static RecordNote.Builder note(String kind, Owner owner, Set<UUID> keys) {
        RecordNote.Builder note = RecordNote.newBuilder().setKind(kind).putDetails("keys", String.valueOf(keys.size()));
        return switch (owner) {
            case Owner.Execution execution -> note.setExecutionId(Ids.toByteString(execution.id()));
            case Owner.Subject subject -> note.putDetails("subject", subject.name());
        };
    }

    /** It was erased before, perhaps by a request that has not come to its end. */
    private CompletableFuture<Void> endThoseOf(UUID orgId, Owner owner) {
        return CompletableFuture.allOf(erasure.begunBefore(Duration.ZERO).stream()
                .filter(begun -> begun.orgId().equals(orgId) && begun.owner().equals(owner))
                .map(this::end)
                .toArray(CompletableFuture[]::new));
    }

    /**
     * Ends erasures that were begun, by whatever node, and have not ended since.
     *
     * @param age of those; what is younger may be under way
     * @return completes once all have ended; exceptionally if one has not, which is to be tried again
     */
    CompletableFuture<Void> endThoseBegunBefore(Duration age) {
        return CompletableFuture.allOf(
                erasure.begunBefore(age).stream().map(this::end).toArray(CompletableFuture[]::new));
    }

    /** Two nodes may do it at once, and then the log tells of it twice. */
    private CompletableFuture<Void> end(BegunErasure begun) {
        RecordNote.Builder note = erased(begun);
        begun.approvalId().ifPresent(id -> note.putDetails(Asked.APPROVAL, id.toString()));
        return erasure.carryOut(begun)
                .thenCompose(gone -> sender.ask(
                        shard(begun.orgId(), begun.owner()),
                        CommandRecord.newBuilder()
                                .setOrgId(Ids.toByteString(begun.orgId()))
                                .setPrincipal(SYSTEM)
                                .setReason("the node that began it did not end it")
                                .setRecordNote(note)))
                .thenCompose(noted -> erasure.end(begun));
    }
}

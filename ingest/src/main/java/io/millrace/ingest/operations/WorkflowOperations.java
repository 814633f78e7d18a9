package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.v1.AnnotateWorkflow;
import io.millrace.proto.v1.CancelWorkflow;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.PauseWorkflow;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.RequestCancellation;
import io.millrace.proto.v1.ResetPoint;
import io.millrace.proto.v1.ResetWorkflow;
import io.millrace.proto.v1.ResumeWorkflow;
import io.millrace.proto.v1.TerminateWorkflow;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Ends, resets, pauses and annotates workflow executions that there are. Safe from any thread, never blocks; a request that does not pass the
 * checks throws {@link RefusedException}.
 */
public final class WorkflowOperations {

    /** Longest annotation, in characters. */
    static final int MOST_ANNOTATION = 1_000;

    private final CommandSender sender;
    private final Checks checks;
    private final ClosedExecutions closed;
    private final ScopeGuard guard;
    private final Approvals approvals;

    WorkflowOperations(
            CommandSender sender, Checks checks, ClosedExecutions closed, ScopeGuard guard, Approvals approvals) {
        this.approvals = approvals;
        this.sender = sender;
        this.checks = checks;
        this.closed = closed;
        this.guard = guard;
    }

    /**
     * Cancels an execution, whatever its worker does, or asks for an approval where one is needed.
     *
     * @return whether that changed anything: an execution that is closed stays as it is
     */
    public CompletableFuture<Cancellation> cancel(Request request, String executionId, String reason) {
        return cancel(request, executionId, reason, Ending.AT_ONCE);
    }

    /**
     * Cancels an execution, or asks for an approval where one is needed.
     *
     * @param how how long its worker has to end it, and as what it was seen
     * @return whether that changed anything: an execution that is closed stays as it is
     */
    public CompletableFuture<Cancellation> cancel(Request request, String executionId, String reason, Ending how) {
        UUID id = checks.id("id", executionId);
        checks.durationMs("forceAfterMs", how.forceAfterMs());
        Request because = request.because(checks.reason(reason));
        return approvals
                .askWith(because, ApprovalAction.CANCEL, id, how.parameters())
                .thenCompose(pending -> pending.isPresent()
                        ? CompletableFuture.completedFuture(Cancellation.asked(pending.get()))
                        : cancel(because, id, how).thenApply(Cancellation::done));
    }

    /**
     * Ends an execution at once, without a word to its worker, or asks for an approval where one is needed.
     *
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     * @return whether that changed anything: an execution that is closed stays as it is
     */
    public CompletableFuture<Cancellation> terminate(
            Request request, String executionId, String reason, int expectedSequence) {
        UUID id = checks.id("id", executionId);
        Request because = request.because(checks.reason(reason));
        return approvals
                .askWith(because, ApprovalAction.TERMINATE, id, new Ending(0, expectedSequence).parameters())
                .thenCompose(pending -> pending.isPresent()
                        ? CompletableFuture.completedFuture(Cancellation.asked(pending.get()))
                        : terminate(because, id, expectedSequence).thenApply(Cancellation::done));
    }

    /**
     * Lets an execution go on in a new run, or asks for an approval where one is needed.
     *
     * @param how from where it goes on
     * @return the new run, and what happens again in it
     */
    public CompletableFuture<Resetting> reset(Request request, String executionId, String reason, Reset how) {
        UUID id = checks.id("id", executionId);
        Request because = request.because(checks.reason(reason));
        how.input().ifPresent(input -> checks.json("input", input));
        if (how.point() == ResetPoint.SEQUENCE && how.sequence() < 1) {
            throw RefusedException.invalid(
                    "expected the number of the last event that is kept, 1 or more, as toEvent, but got "
                            + (how.sequence() == 0 ? "none" : how.sequence()));
        }
        // What is only asked for, and what has failed already, ends nothing.
        boolean endsNothing = how.dryRun() || how.point() == ResetPoint.LAST_GOOD_POINT;
        if (endsNothing) {
            return reset(because, id, how);
        }
        if (how.input().isPresent() && approvals.isNeeded(because, ApprovalAction.RESET)) {
            throw RefusedException.invalid(
                    "expected no input, since somebody else has to approve the restart first and requests"
                            + " for an approval keep no payloads, but there is one: start the workflow anew with it");
        }
        return approvals
                .askWith(because, ApprovalAction.RESET, id, how.parameters())
                .thenCompose(pending -> {
                    if (pending.isPresent()) {
                        return CompletableFuture.completedFuture(Resetting.asked(pending.get()));
                    }
                    return reset(because, id, how);
                });
    }

    private CompletableFuture<Resetting> reset(Request because, UUID id, Reset how) {
        ResetWorkflow.Builder reset = ResetWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setNewExecutionId(Ids.toByteString(Shards.newIdBeside(id)))
                .setPoint(how.point())
                .setSequence(how.sequence())
                .setEventType(how.eventType())
                .setDryRun(how.dryRun())
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId())
                .setExpectedSequence(how.expectedSequence())
                .setKeyTtlMs(checks.keyTtlMs(false, 0));
        how.input().ifPresent(input -> reset.setInput(input).setOtherInput(true));
        return closed.workflow(
                because.caller().orgId(),
                id,
                sender.askIfKnown(
                                "let workflows go on in a new run",
                                Shards.of(id),
                                sender.command(because).setResetWorkflow(reset))
                        .thenApply(reply -> Resetting.done(reply.getWorkflowReset())),
                status -> {
                    throw new RefusedException(
                            RefusalReason.FAILED_PRECONDITION,
                            "expected a workflow execution whose history is still in the dispatcher's stores"
                                    + " (limits.closed_retention), but " + id + " is " + status
                                    + " and has left them: start it anew");
                });
    }

    /**
     * Lets nothing of an execution be handed out.
     *
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     * @return whether that changed anything: it may be paused already
     */
    public CompletableFuture<Boolean> pause(Request request, String executionId, String reason, int expectedSequence) {
        UUID id = checks.id("id", executionId);
        Request because = request.because(checks.reason(reason));
        return held(
                because,
                id,
                sender.command(because)
                        .setPauseWorkflow(PauseWorkflow.newBuilder()
                                .setExecutionId(Ids.toByteString(id))
                                .setReason(because.reason())
                                .setRequestedBy(because.caller().principal().getId())
                                .setExpectedSequence(expectedSequence)));
    }

    /**
     * Lets a paused execution be handed out again.
     *
     * @param expectedSequence last of its history as the caller saw it; 0: whatever it is
     * @return whether it was paused
     */
    public CompletableFuture<Boolean> resume(Request request, String executionId, String reason, int expectedSequence) {
        UUID id = checks.id("id", executionId);
        Request because = request.because(checks.shortText("reason", reason));
        return held(
                because,
                id,
                sender.command(because)
                        .setResumeWorkflow(ResumeWorkflow.newBuilder()
                                .setExecutionId(Ids.toByteString(id))
                                .setReason(because.reason())
                                .setRequestedBy(because.caller().principal().getId())
                                .setExpectedSequence(expectedSequence)));
    }

    /**
     * Notes something about an execution, open or ended.
     *
     * @param text one line
     */
    public CompletableFuture<Void> annotate(Request request, String executionId, String text) {
        UUID id = checks.id("id", executionId);
        if (text.isBlank() || text.length() > MOST_ANNOTATION || text.chars().anyMatch(Character::isISOControl)) {
            throw RefusedException.invalid("expected one line of 1 to " + MOST_ANNOTATION
                    + " characters as text, but it is empty, longer, or has others");
        }
        AnnotateWorkflow.Builder annotate = AnnotateWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setText(text)
                .setRequestedBy(request.caller().principal().getId());
        return guard.ofWorkflow(
                request.caller(),
                id,
                () -> closed.workflow(
                        request.caller().orgId(),
                        id,
                        sender.askIfKnown(
                                        "annotate workflows",
                                        Shards.of(id),
                                        sender.command(request).setAnnotateWorkflow(annotate))
                                .thenAccept(reply -> {}),
                        status -> {
                            throw new RefusedException(
                                    RefusalReason.FAILED_PRECONDITION,
                                    "expected a workflow execution that is still in the dispatcher's stores"
                                            + " (limits.closed_retention), but " + id + " is " + status
                                            + " and has left them: its chain of events is closed");
                        }));
    }

    private CompletableFuture<Boolean> held(Request because, UUID id, CommandRecord.Builder command) {
        return closed.workflow(
                because.caller().orgId(),
                id,
                sender.askIfKnown("pause workflows", Shards.of(id), command)
                        .thenApply(reply -> reply.getAccepted().getChanged()),
                status -> {
                    throw ClosedExecutions.notOpen("an open workflow execution", id, status);
                });
    }

    private CompletableFuture<Boolean> terminate(Request because, UUID id, int expectedSequence) {
        TerminateWorkflow.Builder terminate = TerminateWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId())
                .setExpectedSequence(expectedSequence);
        return ended(
                because,
                id,
                sender.askIfKnown(
                        "terminate workflows",
                        Shards.of(id),
                        sender.command(because).setTerminateWorkflow(terminate)));
    }

    private CompletableFuture<Boolean> cancel(Request because, UUID id, Ending how) {
        if (how.equals(Ending.AT_ONCE)) {
            return cancel(because, id);
        }
        RequestCancellation.Builder cancel = RequestCancellation.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId())
                .setForceAfterMs(how.forceAfterMs())
                .setExpectedSequence(how.expectedSequence());
        return ended(
                because,
                id,
                sender.askIfKnown(
                        "cancel workflows after a time, or only as they were seen",
                        Shards.of(id),
                        sender.command(because).setRequestCancellation(cancel)));
    }

    private CompletableFuture<Boolean> ended(Request because, UUID id, CompletableFuture<ReplyRecord> reply) {
        return closed.workflow(
                because.caller().orgId(),
                id,
                reply.thenApply(answer -> answer.getAccepted().getChanged()),
                status -> false);
    }

    /** As above, without asking anybody else. */
    CompletableFuture<Boolean> cancel(Request because, UUID id) {
        CancelWorkflow.Builder cancel = CancelWorkflow.newBuilder()
                .setExecutionId(Ids.toByteString(id))
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId());
        return ended(
                because, id, sender.ask(Shards.of(id), sender.command(because).setCancelWorkflow(cancel)));
    }
}

package io.millrace.ingest.approvals;

import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Role;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.log.CommandHeader;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordNote;
import io.millrace.proto.v1.RefusalReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks for approvals, and takes down what is decided. Request and decisions of one approval stand in one partition of the log, so
 * the first decision counts, whoever was asked by which node. Safe from any thread.
 */
public final class Approvals {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final long LOOK_MS = 50;

    private final CommandLog log;
    private final Source source;
    private final ApprovalSettings settings;
    private final Seals seals;
    private final Checks checks;
    private final IssuedKeys keys;
    private final Clock clock;

    /** Where it is told how requests stand. */
    @FunctionalInterface
    public interface Source {

        /** @return how the request of the id stands; nothing if the organisation has none. Any thread */
        CompletableFuture<Optional<Approval>> approval(UUID orgId, UUID id);
    }

    /**
     * What was asked for and waits now.
     *
     * @param id of the request
     * @param expires until when it waits
     */
    public record Pending(UUID id, Instant expires) {

        /** @return the same for who cannot be told otherwise: what was asked is not done yet */
        public RefusedException refusal() {
            return RefusedException.noted(
                    RefusalReason.FAILED_PRECONDITION,
                    "expected an approval by somebody else, but there is none yet: the request " + id
                            + " waits for one until " + expires);
        }
    }

    /**
     * @param log where the notes go
     * @param source tells how requests stand
     * @param keys tell who made the key that somebody shows
     * @param checks what a reason may be
     */
    public Approvals(
            CommandLog log, Source source, IssuedKeys keys, ApprovalSettings settings, Checks checks, Clock clock) {
        this.keys = keys;
        this.checks = checks;
        this.log = log;
        this.source = source;
        this.settings = settings;
        this.seals = new Seals(settings.macs());
        this.clock = clock;
    }

    /**
     * As {@link #ask}, for a key that is to be made.
     *
     * @param keyId its id
     * @param how the key, which is carried out as it was asked for
     */
    public CompletableFuture<Optional<Pending>> askForKey(Request request, UUID keyId, Map<String, String> how) {
        return ask(request, ApprovalAction.KEYS, Shards.of(keyId), null, null, null, how);
    }

    /** @return whether somebody else has to approve the action first, and nobody has */
    public boolean isNeeded(Request request, ApprovalAction action) {
        return settings.required().contains(action) && request.approval().isEmpty();
    }

    /**
     * A report ends what runs, as a cancellation does. Nobody who has to be approved for that may do it by a report instead.
     *
     * @throws RefusedException if ending what runs needs an approval, and the caller is no worker
     */
    public void expectWorkerReports(Request request) {
        boolean needed = isNeeded(request, ApprovalAction.CANCEL) || isNeeded(request, ApprovalAction.TERMINATE);
        Principal principal = request.caller().principal();
        if (needed && principal.getType() != Principal.Type.WORKER) {
            throw new RefusedException(
                    RefusalReason.PERMISSION_DENIED,
                    "expected the key of a worker to report what became of work, since that ends it and approvals.required"
                            + " says that somebody else has to approve who ends work, but " + principal.getId()
                            + " has the role " + Role.of(principal));
        }
    }

    /**
     * Asks for an approval, if the action needs one and the request has none.
     *
     * @param request who asks, and why
     * @param executionId what it is about, or null
     * @param taskId what it is about, or null
     * @return what waits now; nothing if the action may go on
     */
    public CompletableFuture<Optional<Pending>> ask(
            Request request, ApprovalAction action, @Nullable UUID executionId, @Nullable UUID taskId) {
        return ask(request, action, executionId, taskId, null);
    }

    /**
     * As above.
     *
     * @param how what was asked for besides, by name: it is sealed with the rest, and carried out as it was asked for
     */
    public CompletableFuture<Optional<Pending>> askWith(
            Request request, ApprovalAction action, UUID executionId, Map<String, String> how) {
        return ask(request, action, Shards.of(executionId), executionId, null, null, how);
    }

    /** The same for a task. */
    public CompletableFuture<Optional<Pending>> askWithTask(
            Request request, ApprovalAction action, UUID taskId, Map<String, String> how) {
        return ask(request, action, Shards.of(taskId), null, taskId, null, how);
    }

    /**
     * As above.
     *
     * @param subject the data subject that it is about, or null
     */
    public CompletableFuture<Optional<Pending>> ask(
            Request request,
            ApprovalAction action,
            @Nullable UUID executionId,
            @Nullable UUID taskId,
            @Nullable String subject) {
        // Beside what it is about, so that the trail knows queue and kind of that, in whichever order it reads the
        // partitions.
        UUID about = executionId == null ? taskId : executionId;
        int shard = about == null
                ? Shards.of(request.caller().orgId(), Objects.requireNonNull(subject, "subject"))
                : Shards.of(about);
        return ask(request, action, shard, executionId, taskId, subject, Map.of());
    }

    private CompletableFuture<Optional<Pending>> ask(
            Request request,
            ApprovalAction action,
            int shard,
            @Nullable UUID executionId,
            @Nullable UUID taskId,
            @Nullable String subject,
            Map<String, String> how) {
        if (!isNeeded(request, action)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        String reason = checks.neededReason(request.reason(), "since somebody else has to approve this");
        if (!reason.codePoints().allMatch(Approvals::isKept)) {
            throw RefusedException.invalid(
                    "expected a reason of whole characters other than NUL, since it is sealed, but there is another");
        }
        UUID orgId = request.caller().orgId();
        UUID id = Shards.newId(shard);
        Instant expires = clock.instant().plus(settings.expiry()).truncatedTo(ChronoUnit.SECONDS);
        RecordNote.Builder note = note(id, Approval.REQUESTED)
                .putDetails("action", action.name())
                .putDetails("request", request.method())
                .putDetails(Approval.EXPIRES, expires.toString())
                .putDetails(
                        "seal",
                        seals.of(
                                orgId,
                                id,
                                action,
                                executionId,
                                taskId,
                                subject,
                                how,
                                request.caller().principal(),
                                expires.toString(),
                                request.reason()));
        how.forEach((name, value) -> note.putDetails(Approval.HOW + name, value));
        if (subject != null) {
            note.putDetails(Approval.SUBJECT, subject);
        }
        if (executionId != null) {
            note.setExecutionId(Ids.toByteString(executionId));
        }
        if (taskId != null) {
            note.setTaskId(Ids.toByteString(taskId));
        }
        return take(id, header(request).setRecordNote(note)).thenApply(taken -> Optional.of(new Pending(id, expires)));
    }

    /**
     * Takes down that the caller approves. Blocks until it is known whether that is the first decision.
     *
     * @param reason why, or the empty text
     * @return the request as it is to be carried out: in the name of who asked, approved by the caller
     * @throws RefusedException if there is no such request, it does not wait, the caller asked for it, or one of the two
     *     made the key of the other
     */
    public Approved approve(Request asking, String approvalId, String reason) {
        Request request = asking.because(checks.shortText("reason", reason));
        Approval approval = found(request.caller(), approvalId);
        expectRight(request.caller(), approval);
        Principal asked = approval.request().principal();
        if (isSame(asked.getId(), request.caller().principal().getId())) {
            throw new RefusedException(
                    RefusalReason.PERMISSION_DENIED,
                    "expected somebody else to approve what " + asked.getId()
                            + " asked for, but it is the same person");
        }
        expectKeysOfTwo(request.caller().orgId(), asked, request.caller().principal());
        if (!seals.holds(approval)) {
            throw new RefusedException(
                    RefusalReason.FAILED_PRECONDITION,
                    "expected the request " + approval.id()
                            + " as a node wrote it, but the read model has another: rebuild it");
        }
        boolean unfinished = approval.status(clock.instant()) == Approval.Status.APPROVED
                && approval.action().isEmpty();
        if (!unfinished) {
            decide(request, approval, Approval.APPROVED);
        }
        return new Approved(approval, carriedOutBy(request, approval));
    }

    /**
     * A request that has been approved.
     *
     * @param approval how it stood before
     * @param request what is to be carried out
     */
    public record Approved(Approval approval, Request request) {}

    /** Takes down that the caller refuses, or takes back what he asked for. Blocks as {@link #approve}. */
    public void refuse(Request request, String approvalId, String reason) {
        Approval approval = found(request.caller(), approvalId);
        expectRight(request.caller(), approval);
        decide(request.because(checks.shortText("reason", reason)), approval, Approval.REFUSED);
    }

    /** Who may call this has the right for one action, and not for each. */
    private static void expectRight(Caller caller, Approval approval) {
        Role role = Role.of(caller.principal());
        if (!approval.what().right().holders().contains(role)) {
            throw new RefusedException(
                    RefusalReason.PERMISSION_DENIED,
                    "expected a key with the right " + approval.what().right() + " to decide on " + approval.id()
                            + ", but " + caller.principal().getId() + " has the role " + role);
        }
    }

    /** Databases and encodings put something else in place of these, and the seal would hold no more. */
    private static boolean isKept(int character) {
        return character != 0 && (character < Character.MIN_SURROGATE || character > Character.MAX_SURROGATE);
    }

    /** Keys differ, and so may the way in which a name is written; the person does not. */
    private static boolean isSame(String one, String other) {
        return one.strip().equalsIgnoreCase(other.strip());
    }

    /** Who made a key for somebody may have kept it, and would be both. */
    private void expectKeysOfTwo(UUID orgId, Principal asked, Principal approver) {
        expectNotMadeBy(orgId, approver, asked, "whose key was not made by who asked");
        expectNotMadeBy(orgId, asked, approver, "who has not made the key that it was asked with");
    }

    private void expectNotMadeBy(UUID orgId, Principal holder, Principal other, String whom) {
        for (String maker : keys.makers(orgId, holder.getCredential())) {
            if (isSame(maker, other.getId())) {
                throw new RefusedException(
                        RefusalReason.PERMISSION_DENIED,
                        "expected somebody else to approve this, " + whom + ", but " + other.getId()
                                + " made the key of " + holder.getId() + ", or the key it was made with");
            }
        }
    }

    private Approval found(Caller caller, String approvalId) {
        UUID id = Ids.parse(approvalId)
                .orElseThrow(
                        () -> RefusedException.invalid("expected a UUID as id of an approval, but got another text"));
        return source.approval(caller.orgId(), id)
                .join()
                .orElseThrow(() -> RefusedException.notFound(
                        "expected a request that waits for an approval, but there is none of the id " + id));
    }

    private void decide(Request request, Approval approval, String decision) {
        expectPending(approval);
        CommandRecord.Builder command = header(request)
                .setCommandId(Ids.toByteString(Shards.newId()))
                .setRecordNote(note(approval.id(), decision));
        UUID own = Ids.fromBytes(command.getCommandId());
        take(approval.id(), command).join();
        long end = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (System.nanoTime() < end) {
            Optional<Approval> now =
                    source.approval(request.caller().orgId(), approval.id()).join();
            if (now.isPresent() && now.get().decision().isPresent()) {
                if (!own.equals(now.get().decision().get().commandId())) {
                    expectPending(now.get());
                }
                return;
            }
            rest();
        }
        throw new UnavailableException(
                "expected the decision to be in the read model within " + LONGEST_WAIT.toSeconds()
                        + " s, but it is not; it stands in the log: look at the request again",
                null);
    }

    private void expectPending(Approval approval) {
        Approval.Status status = approval.status(clock.instant());
        if (status != Approval.Status.PENDING) {
            throw new RefusedException(
                    RefusalReason.FAILED_PRECONDITION,
                    "expected a request that waits for an approval, but " + approval.id() + " is " + status);
        }
    }

    private static void rest() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("interrupted while a decision was awaited", e);
        }
    }

    /** In the name of who asked; from where the approval came, which is what brings it about now. */
    private static Request carriedOutBy(Request approving, Approval approval) {
        Caller approver = approving.caller();
        Caller asked = new Caller(
                approver.orgId(), approver.orgSlug(), approval.request().principal(), approver.peer(), Scope.WHOLE);
        String reason = approval.request().reason();
        return new Request(asked, approving.method(), approving.traceparent(), reason == null ? "" : reason)
                .approved(io.millrace.proto.v1.Approval.newBuilder()
                        .setId(Ids.toByteString(approval.id()))
                        .setApprovedBy(approver.principal())
                        .build());
    }

    private static RecordNote.Builder note(UUID id, String kind) {
        return RecordNote.newBuilder().setKind(kind).putDetails("approval", id.toString());
    }

    private CommandRecord.Builder header(Request request) {
        return CommandHeader.of(request.caller(), request.traceparent(), log.node())
                .setReason(request.reason());
    }

    /** A note that is only written may be refused, and whoever asked would be told of a request that nobody can ever find. */
    private CompletableFuture<Void> take(UUID id, CommandRecord.Builder command) {
        return log.askPartition(Shards.partition(id, log.partitions()), command).thenAccept(reply -> {
            if (reply.hasRefusal()) {
                throw RefusedException.noteNotTaken("an approval", reply.getRefusal());
            }
        });
    }
}

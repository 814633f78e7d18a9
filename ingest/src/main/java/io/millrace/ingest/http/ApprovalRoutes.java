package io.millrace.ingest.http;

import io.millrace.ingest.approvals.Approval;
import io.millrace.ingest.approvals.Approvals;
import io.millrace.ingest.audit.trail.TrailEntry;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.operations.Ending;
import io.millrace.ingest.operations.EraseOperations;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.operations.Reset;
import io.millrace.ingest.operations.SeenVersion;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Page;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.flovyn.v1.CancelTaskRequest;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** What somebody else has to approve: the list of it, and the decisions. */
final class ApprovalRoutes {

    /** Names of the parameters that {@link #list} reads. */
    static final List<String> QUERY = List.of("status", "limit", "cursor");

    private final Operations operations;
    private final ExecutionQueries queries;
    private final Clock clock = Clock.systemUTC();

    ApprovalRoutes(Operations operations, ExecutionQueries queries) {
        this.operations = operations;
        this.queries = queries;
    }

    HttpReply list(HttpCall call) {
        boolean pendingOnly =
                call.parameter("status").map(ApprovalRoutes::isPending).orElse(false);
        Page<Approval> page = queries.approvals(call.asked().caller().orgId(), pendingOnly, Paging.of(call))
                .join();
        Instant now = clock.instant();
        return Paging.reply("approvals", page, (item, approval) -> write(item, approval, now));
    }

    private static boolean isPending(String status) {
        if (!status.equals(Approval.Status.PENDING.name())) {
            throw RefusedException.invalid("expected PENDING as status, but got " + Checks.shown(status));
        }
        return true;
    }

    private static void write(Json item, Approval approval, Instant now) throws IOException {
        TrailEntry request = approval.request();
        item.id("id", approval.id())
                .text("action", approval.what().name())
                .text("status", approval.status(now).name())
                .text("askedBy", request.principal().getId())
                .time("askedAt", request.decidedMs())
                .text("expiresAt", approval.expires().toString())
                .id("executionId", request.executionId())
                .id("taskExecutionId", request.taskId())
                .text("subject", approval.subject().orElse(null))
                .texts("how", approval.how())
                .text("reason", request.reason())
                .text(
                        "decidedBy",
                        approval.decision().map(by -> by.principal().getId()).orElse(null))
                .text(
                        "decidedAt",
                        approval.decision()
                                .map(at -> Instant.ofEpochMilli(at.decidedMs()).toString())
                                .orElse(null))
                .text(
                        "decisionReason",
                        approval.decision().map(TrailEntry::reason).orElse(null))
                .flag("carriedOut", approval.action().isPresent());
    }

    HttpReply approve(HttpCall call) {
        String reason = call.fields("reason").text("reason").orElse("");
        Approvals.Approved approved = operations.approvals().approve(call.asked(), call.part("id"), reason);
        boolean changed = switch (approved.approval().what()) {
            case CANCEL -> cancel(approved.request(), approved.approval());
            case RESET -> reset(approved.request(), approved.approval());
            case TERMINATE -> terminate(approved.request(), approved.approval());
            case ERASE -> erase(approved.request(), approved.approval());
            case KEYS ->
                operations
                        .keys()
                        .createApproved(approved.request(), approved.approval().how())
                        .join();
        };
        return HttpReply.json(
                200, Json.object(json -> json.flag("carriedOut", true).flag("changed", changed)));
    }

    private boolean reset(Request request, Approval approval) {
        UUID id = Objects.requireNonNull(approval.request().executionId(), "execution");
        return operations
                .workflows()
                .reset(request, id.toString(), request.reason(), Reset.of(approval.how()))
                .join()
                .done()
                .isPresent();
    }

    private boolean terminate(Request request, Approval approval) {
        UUID id = Objects.requireNonNull(approval.request().executionId(), "execution");
        int sequence = Ending.of(approval.how()).expectedSequence();
        return operations
                .workflows()
                .terminate(request, id.toString(), request.reason(), sequence)
                .join()
                .changed();
    }

    private boolean cancel(Request request, Approval approval) {
        TrailEntry asked = approval.request();
        return asked.taskId() == null
                ? operations
                        .workflows()
                        .cancel(
                                request,
                                Objects.requireNonNull(asked.executionId(), "execution")
                                        .toString(),
                                request.reason(),
                                Ending.of(approval.how()))
                        .join()
                        .changed()
                : operations
                        .tasks()
                        .cancel(
                                request,
                                CancelTaskRequest.newBuilder()
                                        .setTaskExecutionId(asked.taskId().toString())
                                        .build(),
                                request.reason(),
                                SeenVersion.of(approval.how()))
                        .join()
                        .changed();
    }

    private boolean erase(Request request, Approval approval) {
        TrailEntry asked = approval.request();
        CompletableFuture<EraseOperations.Erasing> erasing;
        if (approval.subject().isPresent()) {
            erasing = operations.erasures().subject(request, approval.subject().get(), request.reason());
        } else if (asked.taskId() != null) {
            erasing = operations.erasures().task(request, asked.taskId().toString(), request.reason());
        } else {
            erasing = operations
                    .erasures()
                    .workflow(
                            request,
                            Objects.requireNonNull(asked.executionId(), "execution")
                                    .toString(),
                            request.reason());
        }
        return erasing.join().erased().orElseThrow().changed();
    }

    HttpReply refuse(HttpCall call) {
        String reason = call.fields("reason").text("reason").orElse("");
        operations.approvals().refuse(call.asked(), call.part("id"), reason);
        return HttpReply.json(200, Json.object(json -> json.flag("refused", true)));
    }

    /** @return the answer to who asked for something that somebody else has to approve first */
    static HttpReply pending(Approvals.Pending pending) {
        return HttpReply.json(202, Json.object(json -> write(json, pending)));
    }

    static void write(Json json, Approvals.Pending pending) throws IOException {
        json.id("approvalId", pending.id())
                .text("status", Approval.Status.PENDING.name())
                .text("expiresAt", pending.expires().toString());
    }
}

package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Principals;
import io.millrace.proto.directory.ConnectionRegistrations;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.directory.DirectoryFullException;
import io.millrace.proto.flovyn.v1.TaskCapability;
import io.millrace.proto.flovyn.v1.WorkerHeartbeatRequest;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkerRegistrationResponse;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import io.millrace.proto.log.CommandLogException;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Registers workers and notes their signs of life. Safe from any thread, never blocks. */
public final class WorkerOperations {

    private static final Set<String> TYPES = Set.of("WORKFLOW", "TASK", "UNIFIED");

    private final Directory directory;
    private final Checks checks;
    private final WorkerWatch watch;

    WorkerOperations(Directory directory, Checks checks, WorkerWatch watch) {
        this.directory = directory;
        this.checks = checks;
        this.watch = watch;
    }

    /** Registers a worker under a fresh id; names need not differ. */
    public CompletableFuture<WorkerRegistrationResponse> register(Request request, WorkerRegistrationRequest asked) {
        checks.org(request.caller(), asked.getOrgId());
        if (asked.getSerializedSize() > checks.limits().registrationBytes()) {
            throw RefusedException.tooMuch("expected at most " + checks.limits().registrationBytes()
                    + " bytes of registration, but got " + asked.getSerializedSize());
        }
        String type = asked.getWorkerType().isEmpty() ? "UNIFIED" : asked.getWorkerType();
        if (!TYPES.contains(type)) {
            throw RefusedException.invalid(
                    "expected WORKFLOW, TASK or UNIFIED as worker_type, but got " + Checks.shown(type));
        }
        UUID workerId = Shards.newId();
        WorkerRegistration.Builder registration = WorkerRegistration.newBuilder()
                .setWorkerId(Ids.toByteString(workerId))
                .setOrgId(Ids.toByteString(request.caller().orgId()))
                .setName(checks.nameOrEmpty("worker_name", asked.getWorkerName()))
                .setVersion(checks.nameOrEmpty("worker_version", asked.getWorkerVersion()))
                .setType(type)
                .setHostName(checks.nameOrEmpty("host_name", asked.getHostName()))
                .setProcessId(checks.nameOrEmpty("process_id", asked.getProcessId()))
                .setRegisteredAtMs(System.currentTimeMillis())
                .setRequest(asked.toByteString())
                .setPrincipal(request.caller().principal());
        for (WorkflowCapability workflow : asked.getWorkflowsList()) {
            registration.addWorkflowKinds(kind(request, checks.name("kind of a workflow", workflow.getKind())));
        }
        for (TaskCapability task : asked.getTasksList()) {
            registration.addTaskKinds(kind(request, checks.name("kind of a task", task.getKind())));
            if (task.getTimeoutSeconds() > 0) {
                registration.putTaskTimeoutSeconds(task.getKind(), task.getTimeoutSeconds());
            }
        }
        ConnectionRegistrations connection = ConnectionRegistrations.current();
        return directory.register(registration.build()).handle((done, error) -> {
            if (error != null && Failures.cause(error) instanceof DirectoryFullException full) {
                throw RefusedException.tooMuch(String.valueOf(full.getMessage()));
            }
            if (error != null) {
                throw new CommandLogException(
                        "UNAVAILABLE: expected the registration to be written to Kafka, but it was not acknowledged: "
                                + Failures.cause(error).getMessage(),
                        true,
                        error);
            }
            directory.seen(request.caller().orgId(), workerId.toString());
            connection.add(workerId);
            return WorkerRegistrationResponse.newBuilder()
                    .setWorkerId(workerId.toString())
                    .setSuccess(true)
                    .build();
        });
    }

    /** A worker whose polls would never bring what it registers for is told at once. */
    private static String kind(Request request, String kind) {
        Caller caller = request.caller();
        if (!caller.scope().hasKind(kind)) {
            throw new RefusedException(
                    RefusalReason.PERMISSION_DENIED,
                    "expected a registration for " + caller.scope() + ", which the key of "
                            + caller.principal().getId() + " is kept to, but it names the kind " + Checks.shown(kind));
        }
        return kind;
    }

    /**
     * Notes that the worker lives, if it is the caller's. A worker that is not known (any more) is no error: SDKs count errors and do
     * nothing else.
     */
    public CompletableFuture<Void> heartbeat(Request request, WorkerHeartbeatRequest asked) {
        UUID orgId = request.caller().orgId();
        String workerId = checks.name("worker_id", asked.getWorkerId());
        List<WorkerRegistration> own = own(request.caller(), workerId);
        if (own.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        WorkerRegistration newest = own.getFirst();
        if (own.size() > 1) { // the name alone does not tell which of them it is
            directory.beat(orgId, Principals.bound(workerId, newest.getPrincipal()));
        } else {
            directory.beat(orgId, Ids.fromBytes(newest.getWorkerId()).toString());
        }
        watch.beat(newest);
        return CompletableFuture.completedFuture(null);
    }

    /** @return the caller's worker of that id, or else the living ones of that name, newest first, or the newest if none lives */
    private List<WorkerRegistration> own(Caller caller, String workerId) {
        UUID orgId = caller.orgId();
        Optional<WorkerRegistration> issued = Ids.parse(workerId)
                .flatMap(id -> directory
                        .worker(orgId, workerId)
                        .filter(each -> Ids.fromBytes(each.getWorkerId()).equals(id)));
        if (issued.isPresent()) {
            return issued.filter(each -> isOf(caller, each)).stream().toList();
        }
        List<WorkerRegistration> living = directory.named(orgId, workerId).stream()
                .filter(each -> isOf(caller, each))
                .toList();
        return !living.isEmpty()
                ? living
                : directory.allNamed(orgId, workerId).stream()
                        .filter(each -> isOf(caller, each))
                        .limit(1)
                        .toList();
    }

    private static boolean isOf(Caller caller, WorkerRegistration registration) {
        return Principals.mayUse(caller.principal(), registration.getPrincipal());
    }
}

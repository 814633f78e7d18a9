package io.millrace.dispatcher.engine.state;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What workers hold, by the leases that run. On the partition's thread. */
final class HeldWork {

    private final PartitionState state;
    private final DueIndex dues;
    private final TaskStore tasks;

    /** Looks up who holds what the stored leases are about. */
    HeldWork(PartitionState state, DueIndex dues, TaskStore tasks) {
        this.state = state;
        this.dues = dues;
        this.tasks = tasks;
        Map<UUID, UUID> organisations = new HashMap<>();
        for (Due lease : dues.leases()) {
            hold(lease, organisations);
        }
    }

    /** A lease of nothing has no holder; it is passed over when it falls due. */
    private void hold(Due lease, Map<UUID, UUID> organisations) {
        if (lease.type() == Due.Type.WORKFLOW_LEASE) {
            Execution execution = state.view(lease.executionId());
            if (execution != null) {
                dues.held(
                        lease,
                        execution.header().orgId(),
                        execution.workerId,
                        execution.header().queue());
            }
            return;
        }
        UUID orgId = organisations.computeIfAbsent(lease.executionId(), state::organisation);
        Task task = orgId == null ? null : tasks.read(orgId, lease.executionId(), UUID.fromString(lease.reference()));
        if (task != null) {
            dues.held(lease, orgId, task.workerId, task.queue);
        }
    }

    /** @return the claims of the worker, in the order of the leases */
    List<State.HeldClaim> by(UUID orgId, String workerId) {
        return dues.leases(orgId, workerId).stream().map(this::claim).toList();
    }

    private State.HeldClaim claim(Due lease) {
        UUID executionId = lease.executionId();
        if (lease.type() == Due.Type.WORKFLOW_LEASE) {
            Execution execution = state.present(executionId);
            return new State.HeldClaim(executionId, null, ofLease(execution.claimId), execution.holder);
        }
        Task task = state.present(executionId, UUID.fromString(lease.reference()));
        return new State.HeldClaim(executionId, task.id, ofLease(task.claimId), task.holder);
    }

    private static UUID ofLease(@Nullable UUID claimId) {
        return Objects.requireNonNull(claimId, "claim of a lease that runs");
    }
}

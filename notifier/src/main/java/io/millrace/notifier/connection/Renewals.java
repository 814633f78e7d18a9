package io.millrace.notifier.connection;

import com.google.protobuf.ByteString;
import io.millrace.notifier.queue.ClaimHolder;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.InForce;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.HeartbeatTask;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of tasks whose workers are busy and say nothing. SDKs with a single thread send no heartbeats, and
 * never end a task by themselves. But their worker is there as long as the connection is open through which it got the
 * task. Workers that do send heartbeats end their tasks in time. A task of theirs that is never reported is lost, so
 * its lease runs out. Workers that did not register are left to their leases too, since their heartbeats would not be
 * known for theirs.
 *
 * <p>A proxy's connection stays open when a worker behind it dies. So a worker behind one that polls no more is given a dozen leases: all
 * of its threads may be busy, which nobody can tell from death.
 *
 * <p>A worker may poll several nodes at once. Each of the others takes it for one that comes from elsewhere, and believes that it may have
 * lost what it was handed a moment ago. So the node that handed a task out vouches for it, by a renewal, once it is sure that
 * the worker has got it. Any thread.
 */
public final class Renewals {

    private static final Logger LOG = LoggerFactory.getLogger(Renewals.class);
    private static final Principal NOTIFIER = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("notifier")
            .build();
    private static final int LOOKS_PER_LEASE = 8;

    /** Looks for what is to be vouched for: so often that a worker's moment to report, which is longer, is not over. */
    private static final Duration VOUCHING = Duration.ofSeconds(1);

    /** So many leases a task is kept for a worker that is behind a proxy, since it polled last. */
    private static final int LEASES_BEHIND_A_PROXY = 12;

    /** An answer reaches its worker within this, or its connection ends. */
    private static final long ARRIVED_MS = 2_000;

    private final CommandLog log;
    private final Directory directory;
    private final long longestMs;
    private final ConcurrentHashMap<TaskKey, Lent> lent = new ConcurrentHashMap<>();

    private record TaskKey(UUID orgId, UUID taskId) {}

    private static final class Lent {
        private final Connection connection;
        private final Identity worker;
        private final ClaimHolder holder;
        private final InForce shown;
        private final ByteString executionId;
        private final ByteString claimId;
        private final long leaseMs;
        private final long sinceMs = nowMs();
        private volatile long renewedMs = sinceMs;
        private volatile boolean vouchedFor;

        private Lent(
                Connection connection,
                Identity worker,
                ClaimHolder holder,
                InForce shown,
                WorkClaimed.Result claim,
                long leaseMs) {
            this.connection = connection;
            this.worker = worker;
            this.holder = holder;
            this.shown = shown;
            this.executionId = claim.getExecutionId();
            this.claimId = claim.getClaimId();
            this.leaseMs = leaseMs;
        }
    }

    /**
     * @param log where leases are renewed
     * @param directory knows which workers send heartbeats
     * @param timer looks after tasks until it is shut down
     * @param lease shortest lease of a task
     * @param longest how long after it was handed out a task's lease is renewed, at the most
     */
    public Renewals(
            CommandLog log, Directory directory, ScheduledExecutorService timer, Duration lease, Duration longest) {
        this.log = log;
        this.directory = directory;
        this.longestMs = longest.toMillis();
        Duration pause = Duration.ofMillis(Math.max(1, lease.toMillis() / LOOKS_PER_LEASE));
        Recurring.start(timer, pause, pause, "could not look which leases of tasks are to be renewed", this::look);
        Recurring.start(
                timer,
                VOUCHING,
                VOUCHING,
                "could not look which tasks their workers are known to have",
                () -> lookAtEach(this::vouch));
    }

    /**
     * The worker is about to get the task through the connection, for the time of the lease.
     *
     * @param holder who alone may report it
     * @param shown what it has shown for that: once that is in force no more, it cannot report the task either
     */
    public void handed(
            Connection connection,
            Identity worker,
            ClaimHolder holder,
            InForce shown,
            WorkClaimed.Result claim,
            long leaseMs) {
        Ids.parse(claim.getTask().getTaskExecutionId())
                .ifPresent(taskId -> lent.put(
                        new TaskKey(worker.worker().orgId(), taskId),
                        new Lent(connection, worker, holder, shown, claim, leaseMs)));
    }

    /** @return whether the worker got a task here whose end this node has not heard of */
    public boolean hasTaskOf(WorkerId worker) {
        return lent.values().stream().anyMatch(task -> task.worker.worker().equals(worker));
    }

    /**
     * Hears of every command whose answer is awaited on this node: a task that is reported needs its lease no longer. The engine ignores
     * what others than the holder report, and they have nothing to do with the lease.
     */
    public void reported(CommandRecord.Builder command) {
        switch (command.getBodyCase()) {
            case COMPLETE_TASK -> ended(command, command.getCompleteTask().getTaskId());
            case FAIL_TASK -> ended(command, command.getFailTask().getTaskId());
            default -> {} // says nothing of an end
        }
    }

    private void ended(CommandRecord.Builder command, ByteString reported) {
        UUID orgId = Ids.fromBytesOrNull(command.getOrgId());
        UUID taskId = Ids.fromBytesOrNull(reported);
        if (orgId != null && taskId != null) {
            lent.computeIfPresent(
                    new TaskKey(orgId, taskId),
                    (key, task) -> task.holder.mayReport(command.getPrincipal()) ? null : task);
        }
    }

    private void look() {
        lookAtEach(this::look);
    }

    /** One at a time, and when. */
    private interface Looking {
        void look(TaskKey key, Lent task, long now);
    }

    private void lookAtEach(Looking looking) {
        long now = nowMs();
        lent.forEach((key, task) -> {
            try {
                looking.look(key, task, now);
            } catch (RuntimeException e) {
                LOG.warn("lease not looked after task={} cause={}", key.taskId(), e.toString());
            }
        });
    }

    private void vouch(TaskKey key, Lent task, long now) {
        if (!task.vouchedFor
                && now - task.sinceMs >= ARRIVED_MS
                && task.connection.isOpen()
                && task.shown.isNow()
                && task.worker.livesElsewhere(directory)) {
            task.vouchedFor = true;
            renew(key, task, now);
        }
    }

    private void look(TaskKey key, Lent task, long now) {
        if (!isKept(task, now)) {
            lent.remove(key, task);
        } else if (now - task.renewedMs >= task.leaseMs / 2) {
            if (silentByNature(task.worker)) {
                renew(key, task, now);
            } else {
                lent.remove(key, task);
            }
        }
    }

    private boolean isKept(Lent task, long now) {
        return task.connection.isOpen()
                && task.shown.isNow()
                && now - task.sinceMs < longestMs
                && !(task.connection.isShared() && isSilent(task, now));
    }

    private static boolean isSilent(Lent task, long now) {
        long polledMs = task.connection.polledNanos(task.worker.worker()).stream()
                .map(TimeUnit.NANOSECONDS::toMillis)
                .findFirst()
                .orElse(task.sinceMs);
        return now - Math.max(task.sinceMs, polledMs) >= LEASES_BEHIND_A_PROXY * task.leaseMs;
    }

    /**
     * This node stops, and will renew nothing any more. Those whose leases it renews get a last whole one to end their work, or to be
     * heard of at another node. If that is too short for the work, its end does not count against them.
     */
    public void close() {
        lookAtEach((key, task, now) -> {
            if (isKept(task, now) && silentByNature(task.worker)) {
                renew(key, task, now, true);
            }
        });
        lent.clear();
    }

    private boolean silentByNature(Identity worker) {
        UUID orgId = worker.worker().orgId();
        return !worker.registrations().isEmpty()
                && worker.registrations().stream()
                        .map(known -> Ids.fromBytes(known.getWorkerId()).toString())
                        .noneMatch(id -> directory.beats(orgId, id));
    }

    private void renew(TaskKey key, Lent task, long now) {
        renew(key, task, now, false);
    }

    /** @param leaving whether it is the last time, since this node stops */
    private void renew(TaskKey key, Lent task, long now, boolean leaving) {
        long before = task.renewedMs;
        task.renewedMs = now;
        CommandRecord.Builder command = CommandRecord.newBuilder()
                .setOrgId(Ids.toByteString(key.orgId()))
                .setPrincipal(NOTIFIER)
                .setHeartbeatTask(HeartbeatTask.newBuilder()
                        .setTaskId(Ids.toByteString(key.taskId()))
                        .setExecutionId(task.executionId)
                        .setClaimId(task.claimId)
                        .setLeaving(leaving));
        Failures.caught(() -> log.ask(Shards.of(Ids.fromBytes(task.executionId)), command))
                .whenComplete((reply, failure) -> {
                    if (failure != null) {
                        LOG.debug("lease not renewed task={} cause={}", key.taskId(), failure.toString());
                        task.renewedMs = before;
                        task.vouchedFor = false;
                    } else if (!reply.getAccepted().getChanged()) {
                        lent.remove(key, task); // over, given back, or in other hands
                    }
                });
    }

    private static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}

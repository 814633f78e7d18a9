package io.millrace.notifier.claim;

import com.google.protobuf.ByteString;
import io.millrace.notifier.config.Counters;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.notifier.queue.ClaimAnswers;
import io.millrace.notifier.queue.ClaimBatch;
import io.millrace.notifier.queue.ClaimDesk;
import io.millrace.notifier.queue.ClaimHolder;
import io.millrace.notifier.queue.Poll;
import io.millrace.notifier.queue.WorkQueue;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.log.CommandLogException;
import io.millrace.proto.log.Riders;
import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.ReleaseClaim;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerBack;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims as commands on the log: {@code ClaimWork} to the partition that has work, {@code ReleaseClaim} to that of the
 * execution. The lease stands for everything that gets lost on the way.
 */
public final class LoggedClaims implements ClaimDesk {

    private static final Logger LOG = LoggerFactory.getLogger(LoggedClaims.class);
    private static final Principal NOTIFIER = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("notifier")
            .build();

    private final NotifierConfig config;
    private final CommandLog log;
    private final ClaimIds ids;
    private final HandedOut handedOut;
    private final Counters counters;
    private final LogThrottle failures = new LogThrottle();

    /**
     * @param config leases and caps that are stamped into the claims
     * @param log where they go
     * @param ids of the claims
     * @param handedOut remembers what they bring
     */
    public LoggedClaims(NotifierConfig config, CommandLog log, ClaimIds ids, HandedOut handedOut, Counters counters) {
        this.config = config;
        this.log = log;
        this.ids = ids;
        this.handedOut = handedOut;
        this.counters = counters;
    }

    @Override
    public void send(ClaimBatch batch, ClaimAnswers answers) {
        counters.claimCommands.increment();
        counters.claimsSent.add(batch.polls().size());
        ask(batch, answers).whenComplete((reply, failure) -> {
            if (failure == null && reply.hasWorkClaimed()) {
                if (makesSense(batch, reply.getWorkClaimed())) {
                    answers.claimed(batch, reply.getWorkClaimed());
                } else {
                    answers.failed(batch);
                }
            } else {
                counters.failedClaimCommands.increment();
                failures.run(held -> LOG.warn(
                        "claims failed queue={} type={} partition={} unreported={} cause={}",
                        batch.key().queue(),
                        batch.key().workType(),
                        batch.partition(),
                        held,
                        failure != null
                                ? failure.toString()
                                : reply.getRefusal().getText()));
                if (failure instanceof CommandLogException unknown && unknown.mayTakeEffect()) {
                    answers.unanswered(batch);
                } else {
                    answers.failed(batch);
                }
            }
        });
    }

    /**
     * Notes what an answer brings. Nobody looks at what comes of hearing an answer; the polls of the batch would wait for ever. So an
     * answer that makes no sense does not throw, and what can be read in it is given back.
     */
    private boolean makesSense(ClaimBatch batch, WorkClaimed claimed) {
        try {
            claimed.getResultsList().forEach(result -> note(batch.key(), result));
            return true;
        } catch (RuntimeException e) {
            counters.failedClaimCommands.increment();
            failures.run(held -> LOG.error(
                    "expected the answer to claims to make sense queue={} type={} partition={} unreported={}",
                    batch.key().queue(),
                    batch.key().workType(),
                    batch.partition(),
                    held,
                    e));
            claimed.getResultsList().stream()
                    .filter(result -> result.getExecutionId().size() == 2 * Long.BYTES
                            && (result.hasWorkflow() || result.hasTask()))
                    .forEach(result -> giveBack(batch.key(), result, "the answer that brought it made no sense"));
            return false;
        }
    }

    /** Lets the claims of the batch ride on a command, and brings the answers. */
    Riders.Ride ride(ClaimBatch batch, ClaimAnswers answers) {
        counters.claimsRidden.add(batch.polls().size());
        return new Riders.Ride() {
            @Override
            public ClaimWork claims() {
                return LoggedClaims.this.claims(batch);
            }

            @Override
            public void answered(ReplyRecord reply) {
                if (reply.hasRidden() && makesSense(batch, reply.getRidden())) {
                    answers.claimed(batch, reply.getRidden());
                } else {
                    answers.notCarried(batch);
                }
            }

            @Override
            public void failed(boolean mayTakeEffect) {
                if (mayTakeEffect) {
                    answers.unansweredRide(batch);
                } else {
                    answers.notCarried(batch);
                }
            }

            @Override
            public void late(ReplyRecord reply) {
                takeLate(batch, reply.getRidden(), answers);
            }
        };
    }

    private CompletableFuture<ReplyRecord> ask(ClaimBatch batch, ClaimAnswers answers) {
        try {
            return log.askPartition(
                    batch.partition(),
                    command(batch.key()).setClaimWork(claims(batch)),
                    late -> takeLate(batch, late.getWorkClaimed(), answers));
        } catch (RuntimeException notWritten) {
            return CompletableFuture.failedFuture(notWritten);
        }
    }

    /** It was said already that the claims failed. */
    private void takeLate(ClaimBatch batch, WorkClaimed claimed, ClaimAnswers answers) {
        if (makesSense(batch, claimed)) {
            answers.late(batch, claimed);
        }
    }

    private ClaimWork claims(ClaimBatch batch) {
        boolean task = batch.key().workType() == WorkType.TASK;
        long leaseMs = (task ? config.leases().task() : config.leases().workflow()).toMillis();
        ClaimWork.Builder claims = ClaimWork.newBuilder()
                .setWorkType(batch.key().workType())
                .setQueue(batch.key().queue());
        batch.claimIds(batch.polls().stream().map(poll -> ids.next()).toList());
        for (int i = 0; i < batch.polls().size(); i++) {
            Poll poll = batch.polls().get(i);
            ClaimWork.Claim.Builder claim = ClaimWork.Claim.newBuilder()
                    .setClaimId(Ids.toByteString(batch.claimIds().get(i)))
                    .setWorkerId(poll.workerId())
                    .addAllKinds(poll.filter().kinds())
                    .setAnyKind(poll.filter().any())
                    .setLeaseMs(leaseMs)
                    .setMaxDeliveries(config.leases().maxDeliveries());
            ClaimHolder holder = poll.holder();
            if (holder.isKnown()) {
                claim.setHolder(holder.principal()).setBinding(holder.binding());
            }
            if (!poll.longerLeasesMs().isEmpty()) {
                claim.putAllLongerLeaseMs(poll.longerLeasesMs());
            }
            claims.addClaims(claim);
        }
        return claims.build();
    }

    @Override
    public void forget(ClaimBatch batch) {
        Map<String, WorkerBack.Builder> workers = new LinkedHashMap<>();
        for (int i = 0; i < batch.claimIds().size(); i++) {
            workers.computeIfAbsent(
                            batch.polls().get(i).workerId(),
                            id -> WorkerBack.newBuilder()
                                    .setWorkerId(id)
                                    .setReason("node " + log.node() + " claimed it, but the answer did not come")
                                    .setIdle(true))
                    .addClaimIds(Ids.toByteString(batch.claimIds().get(i)));
        }
        counters.claimsReturned.add(batch.claimIds().size());
        workers.values()
                .forEach(back -> tell(batch.partition(), command(batch.key()).setWorkerBack(back))
                        .whenComplete((written, failure) -> notGivenBack(batch.key(), batch.partition(), failure)));
    }

    @Override
    public void giveBack(WorkQueue key, WorkClaimed.Result result, String reason) {
        counters.claimsReturned.increment();
        ReleaseClaim.Builder release = ReleaseClaim.newBuilder()
                .setWorkType(key.workType())
                .setExecutionId(result.getExecutionId())
                .setTaskId(taskId(result))
                .setClaimId(result.getClaimId())
                .setReason(reason);
        int partition = Shards.partition(Ids.fromBytes(result.getExecutionId()), log.partitions());
        tell(partition, command(key).setReleaseClaim(release))
                .whenComplete((written, failure) -> notGivenBack(key, partition, failure));
    }

    private void notGivenBack(WorkQueue key, int partition, @Nullable Throwable failure) {
        if (failure != null) {
            // The lease brings the work back.
            failures.run(held -> LOG.warn(
                    "claim not given back queue={} type={} partition={} unreported={} cause={}",
                    key.queue(),
                    key.workType(),
                    partition,
                    held,
                    failure.toString()));
        }
    }

    private CompletableFuture<Void> tell(int partition, CommandRecord.Builder command) {
        try {
            return log.tell(partition, command);
        } catch (RuntimeException notWritten) {
            return CompletableFuture.failedFuture(notWritten);
        }
    }

    private static ByteString taskId(WorkClaimed.Result result) {
        if (!result.hasTask()) {
            return ByteString.EMPTY;
        }
        return Ids.parse(result.getTask().getTaskExecutionId())
                .map(Ids::toByteString)
                .orElse(ByteString.EMPTY);
    }

    private static CommandRecord.Builder command(WorkQueue key) {
        UUID org = key.orgId();
        return CommandRecord.newBuilder().setOrgId(Ids.toByteString(org)).setPrincipal(NOTIFIER);
    }

    private void note(WorkQueue key, WorkClaimed.Result result) {
        if (result.hasWorkflow()) {
            handedOut.put(
                    key,
                    Ids.fromBytes(result.getExecutionId()),
                    result.getWorkflow().getKind());
        } else if (!result.hasTask()) {
            counters.emptyClaims.increment();
        }
    }
}

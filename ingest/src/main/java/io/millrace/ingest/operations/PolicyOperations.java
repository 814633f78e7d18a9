package io.millrace.ingest.operations;

import io.millrace.ingest.auth.Request;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Shards;
import io.millrace.proto.WorkSubjects;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.LimitWork;
import io.millrace.proto.v1.PauseWork;
import io.millrace.proto.v1.ReplyRecord;
import io.millrace.proto.v1.ResumeWork;
import io.millrace.proto.v1.WorkLimit;
import io.millrace.proto.v1.WorkSubject;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How work of queues and kinds is handed out. Safe from any thread, never blocks. */
public final class PolicyOperations {

    /** So long an answer waits for all partitions to follow. It takes some milliseconds, unless a partition has no owner. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** A worker gets another id when it is started again, so what is said of one that is gone is forgotten some time. */
    private static final Duration DRAINED = Duration.ofDays(7);

    /** Nobody needs more, and more of it is no limit. */
    private static final int MOST_IN_FLIGHT = 1_000_000;

    private static final int MOST_IN_A_SECOND = 100_000;

    private static final int MS_OF_A_SECOND = 1_000;

    private static final Executor LATER = CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);

    private final CommandSender sender;
    private final Checks checks;
    private final Reads reads;
    private final int partitions;

    /** @param partitions how many the log has */
    PolicyOperations(CommandSender sender, Checks checks, Reads reads, int partitions) {
        this.sender = sender;
        this.checks = checks;
        this.reads = reads;
        this.partitions = partitions;
    }

    /**
     * What came of a request.
     *
     * @param changed false: it was so already
     * @param version of what is said now
     * @param applied whether all partitions go by it; false: some have not heard of it yet, and will
     */
    public record Decided(boolean changed, long version, boolean applied) {}

    /** @return all that is said of work of the organisation, in the order of types and names */
    public CompletableFuture<Collection<SaidOfWork>> list(Caller caller) {
        return reads.policies(caller.orgId(), null)
                .thenApply(answer -> SaidOfWork.of(answer, partitions).values().stream()
                        .sorted((a, b) -> compare(a.subject(), b.subject()))
                        .toList());
    }

    private static int compare(WorkSubject a, WorkSubject b) {
        int byType = a.getType().compareTo(b.getType());
        return byType != 0 ? byType : a.getName().compareTo(b.getName());
    }

    /** @return what is said of one subject */
    public CompletableFuture<SaidOfWork> get(Caller caller, WorkSubject.Type type, String name) {
        WorkSubject subject = subject(type, name);
        return reads.policies(caller.orgId(), subject).thenApply(answer -> {
            Map<WorkSubject, SaidOfWork> said = SaidOfWork.of(answer, partitions);
            return said.getOrDefault(subject, SaidOfWork.nothing(subject));
        });
    }

    /**
     * Lets no work of a queue or kind be handed out, or a worker get none.
     *
     * @param expectedVersion of what is said, as the caller saw it; empty: whatever it is
     */
    public CompletableFuture<Decided> pause(
            Request request, WorkSubject.Type type, String name, String reason, OptionalLong expectedVersion) {
        WorkSubject subject = subject(type, name);
        Request because = request.because(checks.reason(reason));
        PauseWork.Builder pause = PauseWork.newBuilder()
                .setSubject(subject)
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId())
                .setPartitions(partitions)
                .setLastsMs(type == WorkSubject.Type.WORKER ? DRAINED.toMillis() : 0);
        expectedVersion.ifPresent(pause::setExpectedVersion);
        return ask(because, subject, sender.command(because).setPauseWork(pause));
    }

    /** Lets it be handed out again. */
    public CompletableFuture<Decided> resume(
            Request request, WorkSubject.Type type, String name, String reason, OptionalLong expectedVersion) {
        WorkSubject subject = subject(type, name);
        Request because = request.because(checks.shortText("reason", reason));
        ResumeWork.Builder resume = ResumeWork.newBuilder()
                .setSubject(subject)
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId())
                .setPartitions(partitions);
        expectedVersion.ifPresent(resume::setExpectedVersion);
        return ask(because, subject, sender.command(because).setResumeWork(resume));
    }

    /**
     * Checks a limit.
     *
     * @return what was asked for
     */
    public WorkLimit limit(
            Optional<Long> inFlight, Optional<Long> rate, Optional<Long> burst, Optional<String> fairBy) {
        if (inFlight.isEmpty() && rate.isEmpty() && fairBy.isEmpty()) {
            throw RefusedException.invalid(
                    "expected inFlight, rate or fairBy, but got none of them: a limit says at least one;"
                            + " unlimit lifts one");
        }
        if (burst.isPresent() && rate.isEmpty()) {
            throw RefusedException.invalid("expected a rate with the burst, but got none");
        }
        WorkLimit.Builder limit = WorkLimit.newBuilder();
        inFlight.ifPresent(most -> limit.setInFlight(whole("inFlight", most, MOST_IN_FLIGHT)));
        rate.ifPresent(most -> {
            limit.setRate(whole("rate", most, MOST_IN_A_SECOND));
            limit.setBurst(
                    burst.map(atOnce -> whole("burst", atOnce, MOST_IN_FLIGHT)).orElse(limit.getRate()));
            int least = Math.ceilDiv(limit.getRate(), MS_OF_A_SECOND);
            if (limit.getBurst() < least) {
                throw RefusedException.invalid("expected a burst of at least " + least + " beside a rate of "
                        + limit.getRate() + ", which is what comes in a millisecond, but got " + limit.getBurst());
            }
        });
        fairBy.ifPresent(key -> limit.setFairKey(checks.name("fairBy", key)));
        return limit.build();
    }

    private static int whole(String field, long number, int most) {
        if (number < 1 || number > most) {
            throw RefusedException.invalid(
                    "expected " + field + " as a whole number of 1 to " + most + ", but got " + number);
        }
        return (int) number;
    }

    /**
     * Limits how much of a queue is handed out.
     *
     * @param limit instead of what was said before; null: none
     */
    public CompletableFuture<Decided> limit(
            Request request, String queue, @Nullable WorkLimit limit, String reason, OptionalLong expectedVersion) {
        WorkSubject subject = subject(WorkSubject.Type.QUEUE, queue);
        Request because = request.because(limit == null ? checks.shortText("reason", reason) : checks.reason(reason));
        LimitWork.Builder asked = LimitWork.newBuilder()
                .setSubject(subject)
                .setReason(because.reason())
                .setRequestedBy(because.caller().principal().getId())
                .setPartitions(partitions);
        if (limit != null) {
            asked.setLimit(limit);
        }
        expectedVersion.ifPresent(asked::setExpectedVersion);
        return ask(because, subject, sender.command(because).setLimitWork(asked));
    }

    /** @return the id of a worker, checked */
    public UUID workerId(String text) {
        return checks.id("id", text);
    }

    private WorkSubject subject(WorkSubject.Type type, String name) {
        String field = switch (type) {
            case QUEUE -> "queue";
            case WORKFLOW_KIND, TASK_KIND -> "kind";
            case WORKER -> "id";
            case TYPE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("expected a type that is known, but got " + type);
        };
        return WorkSubject.newBuilder()
                .setType(type)
                .setName(checks.name(field, name))
                .build();
    }

    private CompletableFuture<Decided> ask(Request because, WorkSubject subject, CommandRecord.Builder command) {
        Caller caller = because.caller();
        // It concerns others' work too: of a queue all kinds, of a kind all queues.
        ScopeGuard.onlyWhole(caller, "it is about all work of " + Checks.shown(subject.getName()));
        int shard =
                Shards.of(caller.orgId(), WorkSubjects.homeKey(subject.getType().name(), subject.getName()));
        long untilNanos = System.nanoTime() + PATIENCE.toNanos();
        return sender.askIfKnown("say how work is handed out", shard, command).thenCompose(reply -> {
            ReplyRecord.PolicyDecided decided = reply.getPolicyDecided();
            return applied(caller, subject, decided.getVersion(), untilNanos)
                    .completeOnTimeout(
                            false,
                            Math.max(0, untilNanos - System.nanoTime()),
                            TimeUnit.NANOSECONDS) // reads wait longer
                    .thenApply(applied -> new Decided(decided.getChanged(), decided.getVersion(), applied));
        });
    }

    /** Whoever has an answer expects that nothing else is handed out from then on. */
    private CompletableFuture<Boolean> applied(Caller caller, WorkSubject subject, long version, long untilNanos) {
        return reads.policies(caller.orgId(), subject)
                .thenApply(answer -> {
                    SaidOfWork said = SaidOfWork.of(answer, partitions).get(subject);
                    return said == null || said.applied() || said.policy().getVersion() > version;
                })
                .exceptionally(failure -> {
                    if (isUnavailable(failure)) {
                        return false;
                    }
                    throw new IllegalStateException("expected to read by what partitions go, but it failed", failure);
                })
                .thenCompose(applied -> applied || System.nanoTime() - untilNanos > 0
                        ? CompletableFuture.completedFuture(applied)
                        : CompletableFuture.supplyAsync(() -> applied(caller, subject, version, untilNanos), LATER)
                                .thenCompose(again -> again));
    }

    private static boolean isUnavailable(Throwable failure) {
        return failure instanceof ReadsUnavailableException || failure.getCause() instanceof ReadsUnavailableException;
    }
}

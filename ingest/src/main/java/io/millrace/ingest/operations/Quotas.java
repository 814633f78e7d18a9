package io.millrace.ingest.operations;

import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.Organisation;
import io.millrace.ingest.limits.ReachedLimits;
import io.millrace.ingest.limits.ReachedLimits.Limit;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.Holdings;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.kafka.Outage;
import io.millrace.proto.thread.Recurring;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How much organisations may have that lasts: open workflows, and schedules. The read model is asked every two seconds, and
 * what this node has let through since is added; nothing is asked for a single request. So a quota is exceeded by no more
 * than what other nodes let through in that time, and what the read model does not know yet. While nothing is known, such
 * as where PostgreSQL is away, nothing is refused. Safe from any thread, never waits.
 */
public final class Quotas implements AutoCloseable {

    private static final CompletableFuture<Void> STARTS = CompletableFuture.completedFuture(null);
    private static final Duration LOOK = Duration.ofSeconds(2);

    private final Map<UUID, Quota> quotas = new ConcurrentHashMap<>();
    private final ExecutionQueries queries;
    private final ReachedLimits reached;
    private final @Nullable ScheduledExecutorService timer;

    /** What is known of an organisation. */
    private static final class Quota {

        private final Organisation organisation;
        private final AtomicLong workflows = new AtomicLong();
        private final AtomicLong schedules = new AtomicLong();
        private final Outage outage;
        private final AtomicBoolean looking = new AtomicBoolean();
        private volatile boolean known;

        private Quota(Organisation organisation) {
            this.organisation = organisation;
            outage = new Outage("what the organisation '" + organisation.slug()
                    + "' has cannot be counted; until it can, nothing is refused");
        }
    }

    /**
     * Begins to count, if there is anything to count.
     *
     * @param access what organisations may have
     * @param queries count what they have
     * @param reached told of each refusal
     */
    public Quotas(Access access, ExecutionQueries queries, ReachedLimits reached) {
        this.queries = queries;
        this.reached = reached;
        access.organisations().stream()
                .filter(each -> each.limits().counts())
                .forEach(each -> quotas.put(each.id(), new Quota(each)));
        if (quotas.isEmpty()) {
            timer = null;
            return;
        }
        timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("millrace-quotas").daemon(true).factory());
        Recurring.start(
                timer,
                Duration.ZERO,
                LOOK,
                "what organisations have cannot be counted; until it can, nothing is refused",
                this::look);
    }

    private void look() {
        quotas.values().forEach(this::look);
    }

    private void look(Quota quota) {
        if (!quota.looking.compareAndSet(false, true)) {
            return; // a slow read model still counts: two counts at once would add up what came in between twice
        }
        long workflowsBefore = quota.workflows.get();
        long schedulesBefore = quota.schedules.get();
        queries.holdings(
                        quota.organisation.id(),
                        quota.organisation.limits().openWorkflows(),
                        quota.organisation.limits().schedules())
                .whenComplete((now, failure) -> {
                    counted(quota, now, failure, workflowsBefore, schedulesBefore);
                    quota.looking.set(false); // last, or the next count would begin without what this one adds
                });
    }

    private static void counted(
            Quota quota,
            @Nullable Holdings now,
            @Nullable Throwable failure,
            long workflowsBefore,
            long schedulesBefore) {
        if (now == null) {
            quota.known = false; // ends are not heard of either, so what is known would only grow
            quota.outage.failed(Failures.cause(Objects.requireNonNull(failure, "why nothing was counted")));
            return;
        }
        // What was let through while it was counted may or may not be among it.
        quota.workflows.addAndGet(now.openWorkflows() - workflowsBefore);
        quota.schedules.addAndGet(now.schedules() - schedulesBefore);
        quota.known = true;
        quota.outage.over();
    }

    /**
     * A workflow is about to be started.
     *
     * @throws RefusedException RESOURCE_EXHAUSTED if the organisation has as many as it may
     */
    void startsWorkflow(Caller caller) {
        Quota quota = quotas.get(caller.orgId());
        if (quota != null) {
            long most = quota.organisation.limits().openWorkflows();
            expectRoom(quota, quota.workflows, most, Limit.OPEN_WORKFLOWS, "open workflows");
        }
    }

    /**
     * A workflow is about to be started, unless there is one already.
     *
     * @param found finds the one that is there; asked only where no other may be opened
     * @return done when it may be asked for; fails as above if the organisation has as many as it may and there is none
     */
    CompletableFuture<Void> startsUnlessFound(Caller caller, Supplier<CompletableFuture<Optional<UUID>>> found) {
        Quota quota = quotas.get(caller.orgId());
        if (quota == null
                || !isFull(quota, quota.workflows, quota.organisation.limits().openWorkflows())) {
            startsWorkflow(caller);
            return STARTS;
        }
        return found.get().thenAccept(there -> {
            if (there.isPresent()) {
                quota.workflows.incrementAndGet();
            } else {
                startsWorkflow(caller);
            }
        });
    }

    /** What was about to be started was there already. */
    void startedNone(Caller caller) {
        Quota quota = quotas.get(caller.orgId());
        if (quota != null) {
            quota.workflows.decrementAndGet();
        }
    }

    /**
     * A schedule is about to be made.
     *
     * @throws RefusedException as above
     */
    void makesSchedule(Caller caller) {
        Quota quota = quotas.get(caller.orgId());
        if (quota != null) {
            long most = quota.organisation.limits().schedules();
            expectRoom(quota, quota.schedules, most, Limit.SCHEDULES, "schedules");
        }
    }

    private void expectRoom(Quota quota, AtomicLong has, long most, Limit limit, String what) {
        if (isFull(quota, has, most)) {
            reached.add(limit);
            throw RefusedException.tooMuchNow(
                    "expected the organisation '" + quota.organisation.slug() + "' to have at most " + most + " " + what
                            + ", but it has as many, as was counted " + LOOK.toSeconds() + " s ago or later",
                    LOOK);
        }
        has.incrementAndGet();
    }

    private static boolean isFull(Quota quota, AtomicLong has, long most) {
        return quota.known && most > 0 && has.get() >= most;
    }

    /** Counts no more. */
    @Override
    public void close() {
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}

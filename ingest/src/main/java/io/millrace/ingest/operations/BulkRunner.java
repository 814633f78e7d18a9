package io.millrace.ingest.operations;

import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.v1.ReplyRecord.BulkJobState;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out bulk jobs that nobody carries out: each of them by one process at a time, which the engine decides. A job whose process
 * has died is taken over when its lease is over. Safe from any thread.
 */
public final class BulkRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BulkRunner.class);
    private static final Duration LOOK = Duration.ofMillis(500);

    /** Turns at the same time, so that jobs leave room for requests. */
    private static final int THREADS = 4;

    /** Of one organisation, so that it leaves room for others. */
    private static final int TURNS_OF_ONE = 2;

    /** Jobs that this process carries out, turn by turn: each has one again before its lease is over. */
    private static final int MOST = 64;

    private static final int MOST_OF_ONE = 10;

    /** After so long a job makes room if an organisation waits of which none is carried out here. */
    private static final Duration LONG = Duration.ofSeconds(30);

    /** How long a job is left to nodes of a version that knows what it is to do. */
    private static final Duration UNKNOWN = Duration.ofMinutes(1);

    private final BulkOperations bulk;
    private final ExecutionQueries queries;
    private final String process;
    private final Duration lease;
    private final Duration delivery;
    private final Map<UUID, Held> held = new ConcurrentHashMap<>();
    private final BulkRunTurns<Held> turns = new BulkRunTurns<>(TURNS_OF_ONE);
    /** The read model tells late that a job has another runner, rests or has ended. By monotonic time until when. */
    private final Map<UUID, Long> resting = new ConcurrentHashMap<>();
    /** Jobs of which was said that this version does not know them. */
    private final Set<UUID> unknown = ConcurrentHashMap.newKeySet();
    /** What open jobs are to do, as the read model tells it. On the thread that looks. */
    private final Map<UUID, BulkWork> works = new HashMap<>();
    /** When a job of an organisation was begun with last, by monotonic time. On the thread that looks. */
    private final Map<UUID, Long> begunWith = new HashMap<>();

    /** Claims of other processes. On the thread that looks. */
    private final Map<UUID, SeenClaim> claims = new HashMap<>();

    private volatile boolean crowded;

    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-bulk-jobs").daemon(true).factory());
    private final ExecutorService runs = Executors.newFixedThreadPool(
            THREADS,
            Thread.ofPlatform().name("millrace-bulk-job-", 0).daemon(true).factory());

    /**
     * How long a claim of another process has stood as it is. Its end is told by the clock of the job's partition, which this node does not
     * have.
     *
     * @param sinceNanos when it was first seen so, by monotonic time
     */
    private record SeenClaim(String runner, long claimedUntilMs, long sinceNanos) {
        boolean isOf(BulkJobRow job) {
            return runner.equals(job.runner()) && claimedUntilMs == job.claimedUntilMs();
        }
    }

    /** A job that this process carries out. Its run is of whoever has its turn. */
    private static final class Held {
        private final BulkJobRow job;
        private final long sinceNanos = System.nanoTime();
        private @Nullable BulkRun run;

        Held(BulkJobRow job) {
            this.job = job;
        }
    }

    /**
     * Begins to look for jobs.
     *
     * @param node this node; its processes, one after the other, are told apart
     * @param lease how long a process may be silent before another takes its job over
     * @param delivery how long after it was sent a command of which no answer came may still come to stand on the log
     */
    public BulkRunner(BulkOperations bulk, ExecutionQueries queries, String node, Duration lease, Duration delivery) {
        this.bulk = bulk;
        this.queries = queries;
        this.process = node + "/" + UUID.randomUUID();
        this.lease = lease;
        this.delivery = delivery;
        for (int i = 0; i < THREADS; i++) {
            runs.execute(this::takeTurns);
        }
        Recurring.start(looks, LOOK, LOOK, "could not look for bulk jobs", this::look);
    }

    private void look() {
        List<BulkJobRow> open;
        try {
            open = bulk.open().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof QueriesUnavailableException) {
                return; // whoever keeps the read model says so
            }
            throw e;
        }
        long now = System.nanoTime();
        resting.values().removeIf(until -> until - now < 0);
        works.keySet().retainAll(open.stream().map(BulkJobRow::id).collect(Collectors.toSet()));
        claims.keySet().retainAll(open.stream().map(BulkJobRow::id).collect(Collectors.toSet()));
        unknown.retainAll(open.stream().map(BulkJobRow::id).collect(Collectors.toSet()));
        begunWith.keySet().retainAll(open.stream().map(BulkJobRow::orgId).collect(Collectors.toSet()));
        Map<UUID, Integer> ofOrg = new HashMap<>();
        held.values().forEach(job -> ofOrg.merge(job.job.orgId(), 1, Integer::sum));
        boolean full = false;
        for (BulkJobRow job : waiting(open, now)) {
            int already = ofOrg.getOrDefault(job.orgId(), 0);
            if (held.size() >= MOST) {
                full |= already == 0;
            } else if (already < MOST_OF_ONE) {
                Held begun = new Held(job);
                ofOrg.put(job.orgId(), already + 1);
                begunWith.put(job.orgId(), now);
                held.put(job.id(), begun);
                turns.add(job.orgId(), begun, now);
            }
        }
        crowded = full;
    }

    /** @return jobs that nobody carries out; first those of organisations of which none was begun with for longest */
    private List<BulkJobRow> waiting(List<BulkJobRow> open, long now) {
        return open.stream()
                .filter(job -> !held.containsKey(job.id()) && !resting.containsKey(job.id()))
                .filter(job -> job.runner().isEmpty() || job.runner().equals(process) || isClaimOver(job, now))
                .filter(this::isKnown)
                .sorted(Comparator.comparingLong((BulkJobRow job) -> {
                            Long last = begunWith.get(job.orgId());
                            return last == null ? Long.MAX_VALUE : now - last;
                        })
                        .reversed())
                .toList();
    }

    /** Whoever lives renews it before. The engine decides, for whom a claim of more than a lease still counts. */
    private boolean isClaimOver(BulkJobRow job, long now) {
        SeenClaim seen = claims.compute(
                job.id(),
                (same, known) -> known != null && known.isOf(job)
                        ? known
                        : new SeenClaim(job.runner(), job.claimedUntilMs(), now));
        return now - seen.sinceNanos > lease.toNanos();
    }

    /** One that is to stop needs nobody who knows what it did. */
    private boolean isKnown(BulkJobRow job) {
        if (job.status().equals("STOPPING")) {
            return true;
        }
        BulkWork before = works.get(job.id());
        BulkWork work = before != null && before.isOf(job.action(), job.query())
                ? before
                : BulkWork.read(job.action(), job.query(), job.begunMs());
        works.put(job.id(), work);
        String unknown = work.unknown();
        if (unknown == null) {
            return true;
        }
        leave(job, unknown);
        return false;
    }

    private void leave(BulkJobRow job, @Nullable String cause) {
        if (unknown.add(job.id())) {
            LOG.warn("bulk job left to nodes of a newer version job={} cause={}", job.id(), cause);
        }
    }

    private void takeTurns() {
        try {
            while (true) {
                take(turns.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the node stops; another takes over
        }
    }

    private void take(Held job) throws InterruptedException {
        long next = BulkRun.OVER;
        Duration rest = lease.dividedBy(4);
        boolean stops = false;
        try {
            next = turn(job);
        } catch (InterruptedException e) {
            stops = true; // the log closes too, and what it has not written in a few seconds it never will
            throw e;
        } catch (BulkRun.UnknownWorkException e) {
            leave(job.job, e.getMessage());
            rest = UNKNOWN;
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof RefusedException)) {
                LOG.warn("bulk job interrupted, to be tried again job={} cause={}", job.job.id(), e.toString());
            }
        } catch (RuntimeException | Error e) {
            LOG.error("bulk job interrupted, to be tried again job={}", job.job.id(), e);
        } finally {
            if (!stops && job.run != null && job.run.itemsUnknown()) {
                rest = untilAllIsKnown(job.job);
            }
            if (next == BulkRun.OVER) {
                resting.put(job.job.id(), System.nanoTime() + rest.toNanos());
                held.remove(job.job.id());
            } else {
                turns.add(job.job.orgId(), job, System.nanoTime() + next);
            }
            turns.done(job.job.orgId());
        }
    }

    private long turn(Held job) throws InterruptedException {
        BulkRun run = job.run;
        if (run == null) {
            BulkJobState claimed =
                    bulk.claim(BulkJobKey.of(job.job), process, lease).join();
            LOG.info(
                    "bulk job goes on job={} action={} status={}",
                    job.job.id(),
                    claimed.getAction(),
                    claimed.getStatus());
            run = new BulkRun(bulk, queries, BulkJobKey.of(job.job), process, lease, claimed);
            job.run = run;
        }
        long next = run.turn();
        boolean makesRoom = crowded && System.nanoTime() - job.sinceNanos > LONG.toNanos();
        return makesRoom ? BulkRun.OVER : next;
    }

    /** What was sent may still come to stand on the log: nobody is to ask for that again before. */
    private Duration untilAllIsKnown(BulkJobRow job) {
        bulk.claim(BulkJobKey.of(job), process, delivery).whenComplete((claimed, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "bulk job could not be kept from others until all is known job={} cause={}",
                        job.id(),
                        failure.toString());
            }
        });
        return delivery;
    }

    /** Stops. What was asked of items under way takes effect all the same; whoever takes over finds it in the trail. */
    @Override
    public void close() {
        looks.shutdownNow();
        runs.shutdownNow();
    }
}

package io.millrace.ingest.operations;

import io.millrace.ingest.queries.BulkJobRow;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.v1.ReplyRecord.BulkJobState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out bulk jobs that nobody carries out: each of them by one process at a time, which the engine decides. A job whose process
 * has died is taken over when its lease is over. Safe from any thread.
 */
public final class BulkRunner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BulkRunner.class);
    private static final Duration LOOK = Duration.ofMillis(500);

    /** Of all organisations, so that jobs leave room for requests. */
    private static final int AT_A_TIME = 4;

    /** Of one organisation, so that it leaves room for others. */
    private static final int OF_ONE = 2;

    private final BulkOperations bulk;
    private final ExecutionQueries queries;
    private final String process;
    private final Duration lease;
    private final Map<UUID, UUID> running = new ConcurrentHashMap<>();
    /** The read model tells late that a job has another runner, rests or has ended. By monotonic time until when. */
    private final Map<UUID, Long> resting = new ConcurrentHashMap<>();

    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-bulk-jobs").daemon(true).factory());
    private final ExecutorService runs = Executors.newFixedThreadPool(
            AT_A_TIME,
            Thread.ofPlatform().name("millrace-bulk-job-", 0).daemon(true).factory());

    /**
     * Begins to look for jobs.
     *
     * @param node this node; its processes, one after the other, are told apart
     * @param lease how long a process may be silent before another takes its job over
     */
    public BulkRunner(BulkOperations bulk, ExecutionQueries queries, String node, Duration lease) {
        this.bulk = bulk;
        this.queries = queries;
        this.process = node + "/" + UUID.randomUUID();
        this.lease = lease;
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
        for (BulkJobRow job : open) {
            boolean free = job.runner().isEmpty()
                    || job.runner().equals(process)
                    || job.claimedUntilMs() <= System.currentTimeMillis();
            long ofOrg = running.values().stream().filter(job.orgId()::equals).count();
            if (free
                    && running.size() < AT_A_TIME
                    && ofOrg < OF_ONE
                    && !resting.containsKey(job.id())
                    && running.putIfAbsent(job.id(), job.orgId()) == null) {
                runs.execute(() -> carryOut(job));
            }
        }
    }

    private void carryOut(BulkJobRow job) {
        try {
            BulkJobState claimed = bulk.claim(job, process, lease).join();
            LOG.info("bulk job goes on job={} action={} status={}", job.id(), job.action(), claimed.getStatus());
            new BulkRun(bulk, queries, job, process, lease, claimed).run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the node stops; another takes over
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof RefusedException)) {
                LOG.warn("bulk job interrupted, to be tried again job={} cause={}", job.id(), e.toString());
            }
        } catch (RuntimeException e) {
            LOG.error("bulk job interrupted, to be tried again job={}", job.id(), e);
        } finally {
            resting.put(job.id(), System.nanoTime() + lease.toNanos() / 4);
            running.remove(job.id());
        }
    }

    /** Stops. What was asked of items under way takes effect all the same; whoever takes over finds it in the trail. */
    @Override
    public void close() {
        looks.shutdownNow();
        runs.shutdownNow();
    }
}

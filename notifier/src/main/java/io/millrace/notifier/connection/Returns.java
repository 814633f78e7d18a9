package io.millrace.notifier.connection;

import io.millrace.proto.Ids;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkerBack;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the engine of workers that come to this process from elsewhere: from another node, or from the process before this one. What
 * was claimed for them there may never have reached them, and perhaps nobody is left who knows. So those claims are ended, instead
 * of waiting for their leases. A worker may be busy with some of it, and has a moment to report that. Once it was seen to poll with
 * its only thread, and no other node has heard of it, it has nothing of that in its hands. It is said once of each worker, and again
 * when a connection of it has ended meanwhile, but not more often than each ten seconds: it goes to all partitions, and stays in the
 * log.
 *
 * <p>Where several workers may be meant by one name, what other nodes claimed for them is in the hands of the others. Of those only the
 * process before this one is told, as long as leases of its claims can run.
 *
 * <p>After a restart all workers come at once. So it is said of one after the other, going round by organisation, and commands of others
 * are not kept waiting. Of an organisation's workers that wait beyond a limit nothing is said; their claims end with their leases. Any
 * thread; none waits for the log.
 */
public final class Returns {

    private static final Logger LOG = LoggerFactory.getLogger(Returns.class);
    private static final Principal NOTIFIER = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("notifier")
            .build();

    /** What a busy worker has to report what it has in its hands. */
    private static final long GRACE_MS = 5_000;
    /** An answer reaches its worker within this, or never. */
    private static final long MOMENTS_MS = 2_000;
    /** Within this a worker has found a node to poll when its own is gone. */
    private static final long RECENT_MS = 15_000;
    /** So much later, by the clock of this node, another node may have claimed something before the worker came here. */
    private static final long CLOCKS_MS = 2_000;
    /** Workers that are remembered; what is forgotten is said again. */
    private static final int MOST_KNOWN = 100_000;

    /** Of an organisation. That takes minutes to say where there are many partitions, and leases are over by then. */
    private static final int MOST_UNTOLD = 10_000;

    /** So much lies between two times that it is said of a worker. What was claimed meanwhile is still recent then. */
    private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Commands in a second: a small part of what a node writes. */
    private static final long COMMANDS_PER_SECOND = 5_000;

    private final CommandLog log;
    private final long process;
    private final ScheduledExecutorService timer;
    private final long untilNanos;
    private final Predicate<WorkerId> busyHere;
    private final Predicate<Identity> elsewhere;
    private final Set<WorkerId> known = ConcurrentHashMap.newKeySet();
    /** Those that came lately and may have one thread. */
    private final Map<WorkerId, Coming> unsure = new ConcurrentHashMap<>();

    /** Those of whom it was said a moment ago, and who came again since. */
    private final Map<WorkerId, Coming> again = new ConcurrentHashMap<>();
    /** When it was said of them last. */
    private final Map<WorkerId, Long> saidNanos = new ConcurrentHashMap<>();

    private final TurnsQueue<Return> untold = new TurnsQueue<>(MOST_UNTOLD);
    private final LongSupplier nanoTime;
    private boolean telling;
    private boolean tooMany;

    private record Return(WorkerId worker, boolean idle, Coming coming) {}

    /** A worker's first poll here, and until when what was claimed elsewhere is meant. */
    private record Coming(long atNanos, long untilMs) {}

    /**
     * @param log where it is said that a worker is back
     * @param process this process, as it stands in the ids of its claims
     * @param timer says it, and again; nothing is said any more once it is shut down
     * @param busyHere tells who has a task in its hands that it got here
     * @param elsewhere tells who may poll another node as well
     * @param longest how long after the start of this process leases of before can run
     */
    public Returns(
            CommandLog log,
            long process,
            ScheduledExecutorService timer,
            Predicate<WorkerId> busyHere,
            Predicate<Identity> elsewhere,
            Duration longest) {
        this(log, process, timer, busyHere, elsewhere, longest, System::nanoTime);
    }

    /** @param nanoTime in step with the timer */
    Returns(
            CommandLog log,
            long process,
            ScheduledExecutorService timer,
            Predicate<WorkerId> busyHere,
            Predicate<Identity> elsewhere,
            Duration longest,
            LongSupplier nanoTime) {
        this.log = log;
        this.process = process;
        this.timer = timer;
        this.busyHere = busyHere;
        this.elsewhere = elsewhere;
        this.nanoTime = nanoTime;
        this.untilNanos = nanoTime.getAsLong() + longest.toNanos();
    }

    /**
     * The worker polls this process.
     *
     * @param turns whether it was seen to poll with its only thread
     */
    public void polls(Identity identity, Connection connection, boolean turns) {
        WorkerId worker = identity.worker();
        if (turns) {
            pollsAlone(identity);
        }
        if (!connection.pollsFirst(worker) || !isNews(worker) || isNew(identity, connection)) {
            return;
        }
        boolean one = identity.registrations().size() == 1;
        if (!one && untilNanos - nanoTime.getAsLong() < 0) {
            return;
        }
        long untilMs = one ? System.currentTimeMillis() + CLOCKS_MS : 0;
        Coming coming = new Coming(nanoTime.getAsLong(), untilMs);
        if (identity.usesItsUuid()) {
            unsure.put(worker, coming);
        }
        if (again.put(worker, coming) == null) {
            after(untilMaySay(worker), () -> say(worker));
        }
    }

    private long untilMaySay(WorkerId worker) {
        Long last = saidNanos.get(worker);
        return last == null ? 0 : Math.max(0, last + LEAST_NANOS - nanoTime.getAsLong());
    }

    private void say(WorkerId worker) {
        Coming coming = again.remove(worker);
        if (coming == null) {
            return;
        }
        if (saidNanos.size() >= MOST_KNOWN) {
            saidNanos.clear();
        }
        saidNanos.put(worker, nanoTime.getAsLong());
        Return busy = new Return(worker, false, coming);
        add(busy);
        // Perhaps a partition had no owner yet, and could not know which tasks were on their way when it lost the last.
        after(TimeUnit.MILLISECONDS.toNanos(GRACE_MS), () -> add(busy));
    }

    /**
     * One that began with several polls, one after the other, may look as if it had one thread. After a while it does not, or is
     * busy with what it got here. One that polls another node as well has another thread there.
     */
    private void pollsAlone(Identity identity) {
        WorkerId worker = identity.worker();
        Coming coming = unsure.get(worker);
        if (coming != null
                && nanoTime.getAsLong() - coming.atNanos >= TimeUnit.MILLISECONDS.toNanos(GRACE_MS)
                && !busyHere.test(worker)
                && !elsewhere.test(identity)
                && unsure.remove(worker, coming)) {
            add(new Return(worker, true, coming));
        }
    }

    /** The connection has ended: whoever polled through it may go to another node, and come back from there. */
    void ended(Connection connection) {
        known.removeAll(connection.polled());
        unsure.keySet().removeAll(connection.polled());
    }

    private boolean isNews(WorkerId worker) {
        if (known.size() >= MOST_KNOWN) {
            known.clear();
            unsure.clear();
        }
        return known.add(worker);
    }

    private synchronized void add(Return added) {
        if (!untold.add(added.worker().orgId(), added)) {
            if (!tooMany) {
                LOG.warn(
                        "more than {} workers of organisation {} came back at once, so leases of what was claimed for some of"
                                + " them elsewhere are left to run out",
                        MOST_UNTOLD,
                        added.worker().orgId());
            }
            tooMany = true;
            return;
        }
        if (!telling) {
            telling = true;
            after(0, this::tellNext);
        }
    }

    private void tellNext() {
        Return next;
        synchronized (this) {
            next = untold.poll();
            if (next == null) {
                telling = false;
                tooMany = false;
                return;
            }
        }
        try {
            tell(next);
        } finally {
            after(log.partitions() * TimeUnit.SECONDS.toNanos(1) / COMMANDS_PER_SECOND, this::tellNext);
        }
    }

    private void after(long nanos, Runnable what) {
        try {
            timer.schedule(() -> doNow(what), nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("a worker came back when the notifier had closed");
        }
    }

    /** Nobody looks at what comes of a timer's task. */
    private static void doNow(Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            LOG.error("could not tell of a worker that is back; what was claimed for it is left to its leases", e);
        }
    }

    /** Nobody knows a worker that did not register, and one that did so here has nothing from before. */
    private static boolean isNew(Identity identity, Connection connection) {
        return identity.registrations().isEmpty()
                || identity.registrations().stream()
                        .map(each -> Ids.fromBytes(each.getWorkerId()))
                        .allMatch(connection.registrations().workerIds()::contains);
    }

    private void tell(Return next) {
        WorkerId worker = next.worker();
        Coming coming = next.coming();
        long waitedMs = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - coming.atNanos());
        WorkerBack back = WorkerBack.newBuilder()
                .setWorkerId(worker.workerId())
                .setReason("worker " + worker.polledAs() + " polls node " + log.node()
                        + ", and what was claimed for it elsewhere may be lost")
                .setProcess(process)
                .setPrincipal(worker.principal())
                .setIdle(next.idle())
                .setGraceMs(GRACE_MS)
                .setMomentsMs(MOMENTS_MS)
                .setUntilMs(coming.untilMs())
                .setRecentMs(coming.untilMs() == 0 ? 0 : RECENT_MS + waitedMs)
                .build();
        for (int partition = 0; partition < log.partitions(); partition++) {
            log.tell(
                            partition,
                            CommandRecord.newBuilder()
                                    .setOrgId(Ids.toByteString(worker.orgId()))
                                    .setPrincipal(NOTIFIER)
                                    .setWorkerBack(back))
                    .exceptionally(failure -> {
                        LOG.warn(
                                "leases of a worker that is back left to run out worker={} cause={}",
                                worker.workerId(),
                                failure.toString());
                        return null;
                    });
        }
    }
}

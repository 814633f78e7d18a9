package io.millrace.notifier.connection;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Principals;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkerBack;
import io.millrace.proto.v1.WorkerGone;
import io.millrace.proto.v1.WorkerRegistration;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the engine of workers whose connection has ended and who did not come back, so that the work in their hands need not
 * wait for its leases. The protocol has no word for leaving: a worker that stops, or dies, closes its connection. One that
 * only lost it connects again and polls, on this node or another, or has polls open through another connection. One that
 * waited for work when the connection ended comes back at once. One that was busy comes back when it has done its work, unless
 * one of the same name has started on its host since. What was on its way when the connection ended may not have reached a worker that
 * came back: the engine is told which claims these are. Other nodes tell of those that came back to them through Kafka. So time in which
 * this node could not hear that does not count. Any thread.
 */
public final class Departures {

    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);
    private static final Principal NOTIFIER = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("notifier")
            .build();

    /** How often it is looked whether this node hears others, as long as a worker is missed. */
    private static final Duration LISTENING = Duration.ofMillis(500);

    /** So often at the most it is looked whether a worker came back. */
    private static final long SHORTEST_PAUSE_MS = 50;

    /** After a look that failed. */
    private static final long AGAIN_MS = 1_000;

    /** What a worker that came back has to report what it got in the last moments of its connection. */
    private static final long GRACE_MS = 5_000;

    private final CommandLog log;
    private final Directory directory;
    private final Presence presence;
    private final ScheduledExecutorService timer;
    private final long waitingMs;
    private final long busyMs;
    private final AtomicInteger missing = new AtomicInteger();

    /**
     * @param log where it is said that a worker is gone
     * @param directory knows the signs of life that workers give to any node
     * @param presence knows who has a poll open on this node
     * @param timer waits; nothing is said any more once it is shut down
     * @param waiting how long a worker that waited for work has to come back
     * @param busy how long any other has, if longer
     */
    public Departures(
            CommandLog log,
            Directory directory,
            Presence presence,
            ScheduledExecutorService timer,
            Duration waiting,
            Duration busy) {
        this.log = log;
        this.directory = directory;
        this.presence = presence;
        this.timer = timer;
        this.waitingMs = waiting.toMillis();
        this.busyMs = Math.max(waitingMs, busy.toMillis());
        Recurring.start(timer, LISTENING, LISTENING, "could not find out whether others are heard", this::listen);
    }

    private void listen() {
        if (missing.get() > 0) {
            directory.heardForMs(directory.nowMs());
        }
    }

    /**
     * A worker that is missed, since when by the time of day and by the directory's clock, which nobody sets. The partitions that its
     * work came from, and what of that may not have reached it. Also the registrations of its name on its host that were known
     * then: whoever writes later ones has another clock, so times could not tell which are new.
     */
    private record Missed(
            WorkerId worker,
            Set<Integer> partitions,
            Map<Integer, List<ByteString>> inDoubt,
            boolean waited,
            long timeOfDayMs,
            long sinceMs,
            List<WorkerRegistration> registrations) {}

    void ended(Connection connection) {
        long timeOfDayMs = System.currentTimeMillis();
        long nowMs = directory.nowMs();
        connection.handed().forEach((worker, partitions) -> {
            missing.incrementAndGet();
            lookIn(
                    waitingMs,
                    new Missed(
                            worker,
                            partitions,
                            connection.inDoubt(worker),
                            connection.waited(worker),
                            timeOfDayMs,
                            nowMs,
                            registrations(worker)));
        });
        listen();
    }

    private void lookIn(long delayMs, Missed missed) {
        try {
            timer.schedule(() -> look(missed), delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("connection ended after the notifier");
        }
    }

    private void look(Missed missed) {
        try {
            long leftMs = leftMs(missed);
            if (leftMs > 0) {
                lookIn(Math.max(SHORTEST_PAUSE_MS, Math.min(leftMs, waitingMs)), missed);
            } else {
                missing.decrementAndGet();
            }
        } catch (RuntimeException e) {
            LOG.warn("worker not looked after worker={} cause={}", missed.worker.workerId(), e.toString());
            lookIn(AGAIN_MS, missed);
        }
    }

    /** @return how much longer it is to be waited for; nothing: what there is to say of the worker was said */
    private long leftMs(Missed missed) {
        boolean soon = missed.waited || startedAgain(missed);
        // Asked first: what was heard up to then is known by what follows.
        long notHeardMs = (soon ? waitingMs : busyMs) - directory.heardForMs(missed.sinceMs);
        if (cameBack(missed)) {
            if (isTheSame(missed)) {
                tellInDoubt(missed);
            }
            return 0;
        }
        long nowMs = directory.nowMs();
        long leftMs = Math.max(elsewhereUntilMs(missed.worker) - nowMs, notHeardMs);
        if (leftMs <= 0) {
            tell(missed, nowMs - missed.sinceMs);
        }
        return leftMs;
    }

    private boolean cameBack(Missed missed) {
        WorkerId worker = missed.worker;
        return names(worker)
                .anyMatch(id ->
                        presence.has(worker.orgId(), id) || directory.lastSeenMs(worker.orgId(), id) > missed.sinceMs);
    }

    /**
     * A name alone may be that of another process since. If work killed the one that got it, each delivery of it has to count, and
     * only who comes back under its own registration can say that it got none.
     */
    private boolean isTheSame(Missed missed) {
        WorkerId worker = missed.worker;
        return Ids.parse(worker.workerId()).isPresent()
                && (presence.has(worker.orgId(), worker.workerId())
                        || directory.lastSeenMs(worker.orgId(), worker.workerId()) > missed.sinceMs);
    }

    private long elsewhereUntilMs(WorkerId worker) {
        return names(worker)
                .mapToLong(id -> directory.elsewhereUntilMs(worker.orgId(), id))
                .max()
                .orElse(0);
    }

    private boolean startedAgain(Missed missed) {
        return registrations(missed.worker).stream()
                .anyMatch(each -> missed.registrations.stream()
                        .noneMatch(known -> known.getWorkerId().equals(each.getWorkerId())
                                && known.getRegisteredAtMs() == each.getRegisteredAtMs()));
    }

    private List<WorkerRegistration> registrations(WorkerId worker) {
        return directory.worker(worker.orgId(), worker.workerId()).stream()
                .flatMap(before -> directory.allNamed(worker.orgId(), before.getName()).stream()
                        .filter(each -> each.getHostName().equals(before.getHostName())
                                && Principals.mayUse(before.getPrincipal(), each.getPrincipal())))
                .toList();
    }

    private static Stream<String> names(WorkerId worker) {
        return Stream.of(worker.workerId(), worker.polledAs()).distinct();
    }

    private void tell(Missed missed, long awayMs) {
        WorkerId worker = missed.worker;
        LOG.info(
                "worker left worker={} name={} partitions={}", worker.workerId(), worker.polledAs(), missed.partitions);
        WorkerGone gone = WorkerGone.newBuilder()
                .setWorkerId(worker.workerId())
                .setPrincipal(worker.principal())
                .setReason("worker " + worker.polledAs() + " closed its connection and did not come back within "
                        + awayMs + " ms")
                // What it gets from now on, since it comes back at this moment, is later whoever's clock says so.
                .setUntilMs(missed.timeOfDayMs + awayMs / 2)
                .build();
        for (int partition : missed.partitions) {
            tell(worker, partition, command(worker).setWorkerGone(gone));
        }
    }

    /** What the transport took in the last moments may have got through or not. What is not reported soon has not. */
    private void tellInDoubt(Missed missed) {
        WorkerId worker = missed.worker;
        missed.inDoubt.forEach((partition, claimIds) -> tell(
                worker,
                partition,
                command(worker)
                        .setWorkerBack(WorkerBack.newBuilder()
                                .setWorkerId(worker.workerId())
                                .setReason("the connection of worker " + worker.polledAs()
                                        + " ended when this was on its way")
                                .setGraceMs(GRACE_MS)
                                .addAllClaimIds(claimIds))));
    }

    private static CommandRecord.Builder command(WorkerId worker) {
        return CommandRecord.newBuilder()
                .setOrgId(Ids.toByteString(worker.orgId()))
                .setPrincipal(NOTIFIER);
    }

    private void tell(WorkerId worker, int partition, CommandRecord.Builder command) {
        log.tell(partition, command).exceptionally(failure -> {
            LOG.warn("leases of a worker left to run out worker={} cause={}", worker.workerId(), failure.toString());
            return null;
        });
    }
}

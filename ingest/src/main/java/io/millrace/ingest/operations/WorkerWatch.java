package io.millrace.ingest.operations;

import io.millrace.proto.Ids;
import io.millrace.proto.auth.Principals;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.time.SleepDetector;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkerGone;
import io.millrace.proto.v1.WorkerRegistration;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the engine of workers that sent heartbeats and have fallen silent, so that their work need not wait for its leases.
 * Workers that never sent one are left to their leases: SDKs with a single thread are silent while they work. Each node
 * watches the workers whose latest heartbeat came to it; a poll, or a heartbeat to another node, is a sign of life too.
 * A node that slept, stood still, or could not hear what other nodes tell, hears for as long as one silence before it says
 * again that a worker is gone. Safe from any thread.
 */
public final class WorkerWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerWatch.class);
    private static final Principal WATCH = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("worker-watch")
            .build();
    private static final int LOOKS_PER_SILENCE = 8;

    private final CommandLog log;
    private final Directory directory;
    private final long silenceMs;
    private final LongSupplier timeOfDayMs;
    private final ConcurrentHashMap<UUID, Beat> beats = new ConcurrentHashMap<>();
    private final SleepDetector sleep = new SleepDetector();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-worker-watch").daemon(true).factory());
    /** By the directory's clock: the last look, and since when this node hears of workers without a gap. Of looks only. */
    private long lookedMs;

    private long hearsSinceMs;

    /**
     * @param name by which others know its work, if they cannot tell it from its namesakes
     * @param sign by which its polls by name are signs of life
     * @param atMs when it came, by the directory's clock
     */
    private record Beat(UUID orgId, String name, String sign, Principal principal, long atMs) {}

    /**
     * Begins to watch.
     *
     * @param log where it is said that a worker is gone
     * @param directory knows names and other signs of life, and has the clock by which they are timed
     * @param silence how long a worker may be silent; more than twice the time between its heartbeats
     */
    public WorkerWatch(CommandLog log, Directory directory, Duration silence) {
        this(log, directory, silence, System::currentTimeMillis);
        Duration pause = pause();
        Recurring.start(looks, pause, pause, "could not look which workers are silent", this::look);
    }

    /** One that looks when it is told to. */
    WorkerWatch(CommandLog log, Directory directory, Duration silence, LongSupplier timeOfDayMs) {
        this.log = log;
        this.directory = directory;
        this.silenceMs = silence.toMillis();
        this.timeOfDayMs = timeOfDayMs;
        lookedMs = directory.nowMs();
        hearsSinceMs = lookedMs;
    }

    private Duration pause() {
        return Duration.ofMillis(Math.max(1, silenceMs / LOOKS_PER_SILENCE));
    }

    /** A heartbeat came. Workers that are not registered are not watched: nothing says by which name they poll. */
    public void beat(WorkerRegistration worker) {
        beats.put(
                Ids.fromBytes(worker.getWorkerId()),
                new Beat(
                        Ids.fromBytes(worker.getOrgId()),
                        worker.getName(),
                        Principals.bound(worker.getName(), worker.getPrincipal()),
                        Principals.identity(worker.getPrincipal()),
                        directory.nowMs()));
    }

    /** Looks who is silent. One thread at a time. */
    void look() {
        long nowMs = directory.nowMs();
        boolean slept = sleep.suspected(timeOfDayMs.getAsLong(), TimeUnit.MILLISECONDS.toNanos(nowMs));
        if (slept || nowMs - lookedMs > silenceMs / 2) {
            // A machine that slept or a process that stood still heard nothing, and what came meanwhile is not read
            // yet. A shorter pause makes nobody silent for too long: heartbeats are less than half of that apart.
            hearsSinceMs = nowMs;
        }
        lookedMs = nowMs;
        if (!beats.isEmpty()) {
            directory.heardForMs(
                    nowMs); // asked at each look, so that it is known of any time in which nothing was heard
        }
        beats.forEach((workerId, beat) -> {
            try {
                look(workerId, beat, nowMs);
            } catch (RuntimeException e) {
                LOG.warn("worker not looked after worker={} cause={}", workerId, e.toString());
            }
        });
    }

    private void look(UUID workerId, Beat beat, long nowMs) {
        long aliveMs = aliveMs(workerId, beat);
        long silentSinceMs = Math.max(aliveMs, hearsSinceMs);
        // Signs of life to other nodes are told through Kafka: while that is away, all are silent. What was heard with
        // the last
        // of that time is known only now.
        if (nowMs - silentSinceMs <= silenceMs
                || directory.heardForMs(silentSinceMs) <= silenceMs
                || aliveMs(workerId, beat) > aliveMs
                || !beats.remove(workerId, beat)) {
            return;
        }
        long silentMs = nowMs - aliveMs;
        LOG.warn("worker gone worker={} name={} silentMs={}", workerId, beat.name(), silentMs);
        // It has had nothing for so long; what it gets from now on, since it comes back, is later whoever's clock says
        // so.
        long untilMs = timeOfDayMs.getAsLong() - silentMs + silenceMs / 2;
        tell(beat, workerId.toString(), untilMs);
        if (seenByNameMs(beat) > 0) {
            tell(beat, beat.name(), untilMs);
        }
    }

    private long aliveMs(UUID workerId, Beat beat) {
        long seenByIdMs = directory.lastSeenMs(beat.orgId(), workerId.toString());
        return Math.max(beat.atMs(), Math.max(seenByIdMs, seenByNameMs(beat)));
    }

    private long seenByNameMs(Beat beat) {
        return beat.name().isEmpty() ? 0 : directory.lastSeenMs(beat.orgId(), beat.sign());
    }

    /** Its work may lie anywhere: under its id, or its name where that alone did not say who polled. */
    private void tell(Beat beat, String workerId, long untilMs) {
        WorkerGone gone = WorkerGone.newBuilder()
                .setWorkerId(workerId)
                .setPrincipal(beat.principal())
                .setReason("worker " + workerId + " gave no sign of life for " + silenceMs + " ms")
                .setUntilMs(untilMs)
                .build();
        for (int partition = 0; partition < log.partitions(); partition++) {
            log.tell(
                            partition,
                            CommandRecord.newBuilder()
                                    .setOrgId(Ids.toByteString(beat.orgId()))
                                    .setPrincipal(WATCH)
                                    .setWorkerGone(gone))
                    .exceptionally(failure -> {
                        LOG.warn("leases of a worker left to run out worker={} cause={}", workerId, failure.toString());
                        return null;
                    });
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}

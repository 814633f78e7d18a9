package io.millrace.notifier.connection;

import io.millrace.notifier.poll.WorkerId;
import io.millrace.proto.Ids;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkerGone;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the engine of workers whose connection has ended and who did not come back, so that the work in their hands need
 * not wait for its leases. The protocol has no word for leaving: a worker that stops, or dies, closes its connection. One
 * that only lost it connects again and polls, on this node or another, or has polls open through another connection.
 * Any thread.
 */
public final class Departures {

    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);
    private static final Principal NOTIFIER =
            Principal.newBuilder().setType(Principal.Type.SYSTEM).setId("notifier").build();

    private final CommandLog log;
    private final Directory directory;
    private final Predicate<WorkerId> polling;
    private final ScheduledExecutorService timer;
    private final Duration patience;

    /**
     * @param log where it is said that a worker is gone
     * @param directory knows the signs of life that workers give to any node
     * @param polling whether a worker has a poll open on this node
     * @param timer waits; nothing is said any more once it is shut down
     * @param patience how long a worker has to come back
     */
    public Departures(
            CommandLog log,
            Directory directory,
            Predicate<WorkerId> polling,
            ScheduledExecutorService timer,
            Duration patience) {
        this.log = log;
        this.directory = directory;
        this.polling = polling;
        this.timer = timer;
        this.patience = patience;
    }

    void ended(Connection connection) {
        if (connection.handed().isEmpty()) {
            return;
        }
        long endedMs = System.currentTimeMillis();
        try {
            timer.schedule(
                    () -> connection.handed().forEach((worker, partitions) -> look(worker, partitions, endedMs)),
                    patience.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("connection ended after the notifier");
        }
    }

    private void look(WorkerId worker, Set<Integer> partitions, long endedMs) {
        if (polling.test(worker) || directory.lastSeenMs(worker.orgId(), worker.workerId()) > endedMs) {
            return;
        }
        LOG.info("worker left worker={} partitions={}", worker.workerId(), partitions);
        WorkerGone gone = WorkerGone.newBuilder()
                .setWorkerId(worker.workerId())
                .setReason("worker " + worker.workerId() + " closed its connection and did not come back within "
                        + patience.toMillis() + " ms")
                .build();
        for (int partition : partitions) {
            log.tell(
                            partition,
                            CommandRecord.newBuilder()
                                    .setOrgId(Ids.toByteString(worker.orgId()))
                                    .setPrincipal(NOTIFIER)
                                    .setWorkerGone(gone))
                    .exceptionally(failure -> {
                        LOG.warn("leases of a worker left to run out worker={} cause={}", worker.workerId(),
                                failure.toString());
                        return null;
                    });
        }
    }
}

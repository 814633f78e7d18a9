package io.millrace.dispatcher.topology.group;

import io.millrace.proto.Failures;
import io.millrace.proto.kafka.Outage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Aborts what former owners of a partition left open. A node that was killed leaves a transaction open. Nobody can read
 * the end of the partition's state, or of its events, until Kafka gives the transaction up, which takes a minute and more. A
 * transaction may have only one of the two. The group has given the partition to whoever is about to read it. So an open transaction that has to do with the partition can only
 * be one of a former owner.
 *
 * <p>It is looked for again until the partition is read: the broker that knows of the transaction may have died with the node, and another
 * take its place in a moment. Each broker, and each transaction, is asked by itself, since one that does not answer must not stand for
 * all. What began well after the partition was first read for is left alone: if the partition has gone to another node meanwhile, it is
 * that one's. The brokers say when it began, by clocks of their own. So what the first look already finds is a former owner's, though it
 * should have begun some seconds later. Any thread; none waits.
 */
public final class OpenTransactions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    /** Where a broker died too, another takes its place seconds later, and the partition stands still until the next look. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    /** By the clocks of two machines. A former owner may have begun one before it heard that it has lost the partition. */
    private static final long BEGUN_LATER_MS = 5_000;

    /** The same for what the first look finds. A broker whose clock is further ahead aborts it by itself. */
    private static final long CLOCKS_APART_MS = TimeUnit.MINUTES.toMillis(1);

    /** Longer than a transaction can stay open: by then Kafka has aborted it. */
    private static final long LONGEST_MS = TimeUnit.MINUTES.toMillis(3);

    private final String prefix;
    private final TransactionsOnKafka kafka;
    private final InstantSource clock;
    private final Duration firstPause;
    private final Set<String> own = ConcurrentHashMap.newKeySet();
    private final Map<TopicPartition, Wanted> wanted = new ConcurrentHashMap<>();

    private final AtomicBoolean comesAgain = new AtomicBoolean();
    private final Outage outage =
            new Outage("cannot look for transactions that former owners left open; Kafka aborts them in a while");
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().name("millrace-open-transactions").daemon(true).factory(),
            new ScheduledThreadPoolExecutor.DiscardPolicy());

    /** A partition that is being read. */
    private static final class Wanted {
        /** Milliseconds since the epoch. */
        private final long sinceMs;
        /** Thread of the timer. */
        private boolean looked;

        private Wanted(long sinceMs) {
            this.sinceMs = sinceMs;
        }
    }

    /** @param groupId application id of Kafka Streams, with which the names of all its transactions begin */
    public OpenTransactions(String groupId, Map<String, Object> settings) {
        this(groupId, new AdminTransactions(settings), InstantSource.system(), FIRST_PAUSE);
    }

    /** Of another Kafka, for tests. */
    OpenTransactions(String groupId, TransactionsOnKafka kafka, InstantSource clock, Duration firstPause) {
        this.prefix = groupId + "-";
        this.kafka = kafka;
        this.clock = clock;
        this.firstPause = firstPause;
        timer.setKeepAliveTime(10, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    /** This node's own are left alone: whoever opens one anew aborts what is left of it. */
    void own(String transactionalId) {
        own.add(transactionalId);
    }

    /** The partition's changelog, or its events, are being read up to their end. Does not block. */
    public void reading(TopicPartition written) {
        wanted.put(written, new Wanted(clock.millis()));
        look(Duration.ZERO, firstPause);
    }

    /** It was read, or is so no more. */
    public void read(TopicPartition written) {
        wanted.remove(written);
    }

    private void look(Duration after, Duration pause) {
        try {
            timer.schedule(() -> look(pause), after.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            LOG.debug("nothing is looked for any more");
        }
    }

    private void look(Duration pause) {
        long nowMs = clock.millis();
        wanted.values().removeIf(read -> nowMs - read.sinceMs > LONGEST_MS);
        if (wanted.isEmpty()) {
            return;
        }
        Set<Wanted> first = new HashSet<>();
        for (Wanted read : wanted.values()) {
            if (!read.looked) {
                read.looked = true;
                first.add(read);
            }
        }
        try {
            kafka.ongoing(id -> abort(id, first), this::failed);
        } catch (RuntimeException e) {
            failed(e);
        }
        if (comesAgain.compareAndSet(false, true)) {
            try {
                timer.schedule(
                        () -> {
                            comesAgain.set(false);
                            Duration next = pause.multipliedBy(2);
                            look(next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE);
                        },
                        pause.toNanos(),
                        TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException closed) {
                LOG.debug("nothing is looked for any more");
            }
        }
    }

    private void abort(String id, Set<Wanted> first) {
        if (id.startsWith(prefix) && !own.contains(id)) {
            kafka.described(id).whenComplete((transaction, failure) -> {
                if (failure != null) {
                    failed(failure);
                } else if (isLeftOpen(transaction, first)) {
                    fence(id);
                }
            });
        }
    }

    /** Looked at last: a partition that is here no more may be another's, whose transaction is none of our business. */
    private boolean isLeftOpen(TransactionDescription transaction, Set<Wanted> first) {
        return transaction.state() == TransactionState.ONGOING
                && transaction.topicPartitions().stream().anyMatch(written -> {
                    Wanted read = wanted.get(written);
                    return read != null
                            && transaction.transactionStartTimeMs().orElse(read.sinceMs) - read.sinceMs
                                    <= (first.contains(read) ? CLOCKS_APART_MS : BEGUN_LATER_MS);
                });
    }

    private void fence(String id) {
        kafka.fenced(id).whenComplete((done, failure) -> {
            if (failure == null) {
                outage.over();
                LOG.info("aborted a transaction that a former owner left open transaction={}", id);
            } else {
                failed(failure);
            }
        });
    }

    private void failed(Throwable failure) {
        outage.failed(Failures.cause(failure));
    }

    @Override
    public void close() {
        timer.shutdownNow();
        kafka.close();
    }
}

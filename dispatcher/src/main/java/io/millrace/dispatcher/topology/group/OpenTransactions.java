package io.millrace.dispatcher.topology.group;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Aborts what former owners of a partition left open. A node that was killed leaves a transaction open. Nobody can read
 * the end of the partition's state, or of its events, until Kafka gives the transaction up, which takes a minute and more. A
 * transaction may have only one of the two. The group has given the partition to whoever is about to read it. So an open transaction that has to do with the partition can only
 * be one of a former owner. Any thread.
 */
public final class OpenTransactions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenTransactions.class);

    private final String prefix;
    private final Admin admin;
    private final Set<String> own = ConcurrentHashMap.newKeySet();
    private final Set<TopicPartition> wanted = ConcurrentHashMap.newKeySet();
    private final ExecutorService worker = new ThreadPoolExecutor(
            0,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("millrace-open-transactions").daemon(true).factory(),
            new ThreadPoolExecutor.DiscardPolicy());

    /** @param groupId application id of Kafka Streams, with which the names of all its transactions begin */
    public OpenTransactions(String groupId, Map<String, Object> settings) {
        prefix = groupId + "-";
        admin = Admin.create(settings);
    }

    /** This node's own are left alone: whoever opens one anew aborts what is left of it. */
    void own(String transactionalId) {
        own.add(transactionalId);
    }

    /** The partition's changelog, or its events, are being read up to their end. Does not block. */
    public void reading(TopicPartition written) {
        wanted.add(written);
        worker.execute(this::abort);
    }

    /** It was read, or is so no more. */
    public void read(TopicPartition written) {
        wanted.remove(written);
    }

    private void abort() {
        try {
            if (wanted.isEmpty()) {
                return;
            }
            Set<String> open = admin
                    .listTransactions(new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING)))
                    .all()
                    .get()
                    .stream()
                    .map(TransactionListing::transactionalId)
                    .filter(id -> id.startsWith(prefix) && !own.contains(id))
                    .collect(Collectors.toSet());
            if (open.isEmpty()) {
                return;
            }
            Map<String, TransactionDescription> described =
                    admin.describeTransactions(open).all().get();
            // Looked at last: a partition that is here no more may be another's, whose transaction is none of our
            // business.
            Set<TopicPartition> still = Set.copyOf(wanted);
            Set<String> left = new TreeSet<>();
            described.forEach((id, transaction) -> {
                if (transaction.state() == TransactionState.ONGOING
                        && transaction.topicPartitions().stream().anyMatch(still::contains)) {
                    left.add(id);
                }
            });
            if (!left.isEmpty()) {
                admin.fenceProducers(left).all().get();
                LOG.info("aborted transactions that former owners left open transactions={}", left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RuntimeException e) {
            LOG.warn("could not look for transactions that former owners left open; Kafka aborts them in a while", e);
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
        admin.close(java.time.Duration.ZERO);
    }
}

package io.millrace.dispatcher.topology.group;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.TransactionDescription;

/** What Kafka knows of transactions. Each broker knows some of them. Any thread; none waits. */
interface TransactionsOnKafka extends AutoCloseable {

    /**
     * Asks all brokers.
     *
     * @param id hears the transactional id of each transaction that is under way, as far as a broker told
     * @param failed hears why a broker did not tell
     */
    void ongoing(Consumer<String> id, Consumer<Throwable> failed);

    /** @return what is known of the transaction */
    CompletionStage<TransactionDescription> described(String id);

    /** @return done when whoever uses the id can do so no more, and its transaction is aborted */
    CompletionStage<Void> fenced(String id);

    @Override
    void close();
}

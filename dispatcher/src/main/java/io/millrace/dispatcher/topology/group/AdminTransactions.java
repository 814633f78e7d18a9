package io.millrace.dispatcher.topology.group;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTransactionsOptions;
import org.apache.kafka.clients.admin.FenceProducersOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;

/** As the brokers say. One that is dead is not waited for, since others take its place. */
final class AdminTransactions implements TransactionsOnKafka {

    private static final int LIST_MS = 2_000;
    private static final int LONGEST_MS = 10_000;

    private final Admin admin;

    AdminTransactions(Map<String, Object> settings) {
        admin = Admin.create(settings);
    }

    @Override
    public void ongoing(Consumer<String> id, Consumer<Throwable> failed) {
        admin.listTransactions(new ListTransactionsOptions()
                        .filterStates(Set.of(TransactionState.ONGOING))
                        .timeoutMs(LIST_MS))
                .byBrokerId()
                .whenComplete((brokers, failure) -> {
                    if (failure != null) {
                        failed.accept(failure);
                        return;
                    }
                    brokers.values()
                            .forEach(listed -> listed.whenComplete((transactions, unlisted) -> {
                                if (unlisted == null) {
                                    transactions.forEach(each -> id.accept(each.transactionalId()));
                                } else {
                                    failed.accept(unlisted);
                                }
                            }));
                });
    }

    @Override
    public CompletionStage<TransactionDescription> described(String id) {
        return admin.describeTransactions(Set.of(id), new DescribeTransactionsOptions().timeoutMs(LONGEST_MS))
                .description(id)
                .toCompletionStage();
    }

    @Override
    public CompletionStage<Void> fenced(String id) {
        return admin.fenceProducers(Set.of(id), new FenceProducersOptions().timeoutMs(LONGEST_MS))
                .all()
                .toCompletionStage();
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}

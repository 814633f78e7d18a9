package io.millrace.infra.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dispatcher.partition.Lease;
import io.millrace.dispatcher.topology.group.DispatcherGroup;
import io.millrace.dispatcher.topology.group.GroupClients;
import io.millrace.dispatcher.topology.group.OpenTransactions;
import io.millrace.infra.embedded.EmbeddedKafka;
import io.millrace.infra.testing.Await;
import io.millrace.proto.kafka.ClientSettings;
import io.millrace.proto.mac.CommandMacs;
import io.millrace.proto.mac.RecordSeals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream thread that fails does not keep its partitions from the one in its place; and it is known when Kafka does not answer. */
class DispatcherSeatTest {

    private static final String GROUP = "seats";
    private static final String TOPIC = "seats-topic";
    /** Longer than anybody here waits. */
    private static final int SESSION_MS = Math.toIntExact(Duration.ofMinutes(20).toMillis());

    @TempDir
    private Path folder;

    @Test
    void itsSeatIsGivenUpAndWhoIsWaitedForHearsOfThat() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(folder, 0)) {
            ClientSettings settings = kafka.access().clients();
            try (Admin admin = Admin.create(settings.client())) {
                admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1)))
                        .all()
                        .get(120, TimeUnit.SECONDS);
            }
            CountDownLatch waitedFor = new CountDownLatch(1);
            OpenTransactions transactions = new OpenTransactions(GROUP, settings.client());
            try (DispatcherGroup group = new DispatcherGroup(
                            GROUP,
                            settings.client(),
                            "node",
                            false,
                            Lease.LENGTH_NANOS,
                            () -> {},
                            waitedFor::countDown);
                    GroupClients clients = new GroupClients(
                            group,
                            transactions,
                            settings,
                            new RecordSeals(RecordSeals.Kind.OUTCOME, CommandMacs.OFF))) {
                group.start();
                Consumer<byte[], byte[]> failing = consumer(clients, settings, 1);
                awaitPartitions(failing);
                Await.until(
                        "the group to know it", () -> group.membersOf("node").size() == 1);
                assertEquals(1, waitedFor.getCount());

                Consumer<byte[], byte[]> next = consumer(clients, settings, 2);
                Await.until("the one that does not poll to be waited for", () -> {
                    next.poll(Duration.ofMillis(100));
                    return waitedFor.getCount() == 0;
                });
                failing.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.REMAIN_IN_GROUP));

                awaitPartitions(next);
                Await.until(
                        "its seat to be empty", () -> group.membersOf("node").size() == 1);
                group.leaving();
                next.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));

                kafka.close();
                Await.until("the silence of Kafka to be noticed", () -> {
                    long now = System.nanoTime();
                    return group.unservedUntilNanos(now).equals(OptionalLong.of(now));
                });
            } finally {
                transactions.close();
            }
        }
    }

    private static void awaitPartitions(Consumer<byte[], byte[]> consumer) {
        Await.until("both partitions", () -> {
            consumer.poll(Duration.ofMillis(100));
            return consumer.assignment().size() == 2;
        });
    }

    /** As Kafka Streams makes it for one of its threads. */
    private static Consumer<byte[], byte[]> consumer(GroupClients clients, ClientSettings settings, int number) {
        Map<String, Object> own = settings.client();
        own.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        own.put(ConsumerConfig.CLIENT_ID_CONFIG, GROUP + "-StreamThread-" + number + "-consumer");
        own.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, "node-" + number);
        own.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MS);
        own.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, SESSION_MS);
        own.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 300);
        Consumer<byte[], byte[]> consumer = clients.getConsumer(own);
        consumer.subscribe(List.of(TOPIC));
        return consumer;
    }
}

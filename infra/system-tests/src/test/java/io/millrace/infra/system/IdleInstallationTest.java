package io.millrace.infra.system;

import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.proto.Topics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Where nothing happens Kafka has nothing to do: no commands, no state, no transactions, no offsets. */
class IdleInstallationTest {

    /** Ten times the commit interval of these servers, and some of what is repeated. */
    private static final long STILL_NANOS = TimeUnit.SECONDS.toNanos(4);

    @Test
    void whenNothingHappensNoTopicGrowsThoughWorkStandsUnclaimed() throws Exception {
        try (TestServer server = TestServer.start(Map.of("dispatcher.commit_interval", "400ms"), false);
                TestClient client = server.user();
                Admin admin = Admin.create(server.kafka().client(Map.of()))) {
            client.start("echo", "nobody-polls");
            Map<TopicPartition, OffsetSpec> ends = ends(admin);
            Stillness stillness = new Stillness();
            Await.until("all topics, those of Kafka included, to stand still", () -> stillness.lasts(now(admin, ends)));
        }
    }

    private static final class Stillness {
        private Map<TopicPartition, Long> ends = Map.of();
        private long sinceNanos;

        boolean lasts(Map<TopicPartition, Long> now) {
            if (!now.equals(ends)) {
                ends = now;
                sinceNanos = System.nanoTime();
            }
            return System.nanoTime() - sinceNanos > STILL_NANOS;
        }
    }

    /** Of all topics but that of levels, which other nodes are told again and again while work stands unclaimed. */
    private static Map<TopicPartition, OffsetSpec> ends(Admin admin) throws Exception {
        Set<String> topics = new HashSet<>(admin.listTopics(new ListTopicsOptions().listInternal(true))
                .names()
                .get());
        topics.remove(Topics.WORK_AVAILABLE);
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        admin.describeTopics(topics)
                .allTopicNames()
                .get()
                .values()
                .forEach(topic -> topic.partitions()
                        .forEach(partition -> ends.put(
                                new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest())));
        return ends;
    }

    private static Map<TopicPartition, Long> now(Admin admin, Map<TopicPartition, OffsetSpec> ends) {
        try {
            Map<TopicPartition, Long> now = new HashMap<>();
            admin.listOffsets(ends).all().get().forEach((partition, end) -> now.put(partition, end.offset()));
            return now;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("expected Kafka to tell the ends of its topics, but it did not", e);
        }
    }
}

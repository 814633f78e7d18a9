package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.TestClient;
import io.millrace.ingest.config.Access;
import io.millrace.proto.Topics;
import io.millrace.proto.flovyn.v1.WorkflowExecution;
import io.millrace.proto.v1.OutcomeRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Whoever may write to Kafka may write anything: no node falls over it, neither when it comes nor when it reads it again. */
class GarbageTest {

    private static final long SEED = 20_261_130;
    private static final int RECORDS = 40;
    private static final int WORKFLOWS = 12;

    @Test
    void garbageOnEveryTopicStopsNothingNeitherAtOnceNorAfterARestart() {
        try (TestServer server = TestServer.start(Map.of(), true)) {
            carryOut(server, "before");

            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
                Random random = new Random(SEED);
                List<byte[]> texts = texts(random);
                for (String topic : Topics.all()) {
                    int partitions = producer.partitionsFor(topic).size();
                    for (int i = 0; i < RECORDS; i++) {
                        byte[] key = texts.get(random.nextInt(texts.size()));
                        byte[] value = texts.get(random.nextInt(texts.size()));
                        // A topic that is compacted takes no record without a key.
                        producer.send(new ProducerRecord<>(
                                topic, random.nextInt(partitions), key == null ? new byte[0] : key, value));
                    }
                }
                producer.flush();
            }

            carryOut(server, "after");
            server.stopNode(TestServer.FIRST);
            server.restartNode(TestServer.FIRST);
            carryOut(server, "again");
            try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
                assertEquals(200, http.get(server.http("/_/ready")).status());
            }
        }
    }

    /** Whoever opens a partition asks which outcomes stand last. */
    @Test
    void garbageThatStandsLastBehindTheOutcomesOfAPartitionWithoutAnOwnerStopsNothing() {
        try (TestServer server = TestServer.start(Map.of(), true)) {
            carryOut(server, "before");
            server.stopNode(TestServer.FIRST);

            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                    server.kafka().client(Map.of()), new ByteArraySerializer(), new ByteArraySerializer())) {
                byte[] ofTheFuture = OutcomeRecord.newBuilder()
                        .setCommandOffset(1_000_000)
                        .setRulesVersion(3)
                        .setPartitionHash(ByteString.copyFrom(new byte[32]))
                        .build()
                        .toByteArray();
                List<byte[]> garbage = Arrays.asList(null, "no record".getBytes(StandardCharsets.UTF_8), ofTheFuture);
                int partitions = producer.partitionsFor(Topics.EVENTS).size();
                for (int partition = 0; partition < partitions; partition++) {
                    for (int i = 0; i < garbage.size(); i++) {
                        byte[] value = garbage.get((partition + i) % garbage.size());
                        producer.send(new ProducerRecord<>(Topics.EVENTS, partition, null, value));
                    }
                }
                producer.flush();
            }

            server.restartNode(TestServer.FIRST);
            carryOut(server, "again");
            try (TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
                assertEquals(200, http.get(server.http("/_/ready")).status());
            }
        }
    }

    /** @return nothing, nothing at all, texts, noise, and the beginnings of records */
    private static List<byte[]> texts(Random random) {
        List<byte[]> texts = new ArrayList<>(Arrays.asList(
                null,
                new byte[0],
                new byte[] {0},
                "no record".getBytes(StandardCharsets.UTF_8),
                "{\"a\":1}".getBytes(StandardCharsets.UTF_8)));
        for (int i = 0; i < 40; i++) {
            byte[] noise = new byte[1 + random.nextInt(200)];
            random.nextBytes(noise);
            texts.add(noise);
            // Field 1, of the length that follows: the way in which most records begin.
            byte[] framed = noise.clone();
            framed[0] = 10;
            if (framed.length > 1) {
                framed[1] = (byte) Math.min(127, framed.length - 2);
            }
            texts.add(framed);
        }
        return texts;
    }

    /** Work comes through, is seen by others than its owner, and is listed. */
    private static void carryOut(TestServer server, String queue) {
        try (TestClient worker = server.worker();
                TestHttp http = new TestHttp(Access.DEV_USER_KEY)) {
            Set<String> started = new HashSet<>();
            for (int i = 0; i < WORKFLOWS; i++) {
                started.add(worker.start("echo", queue));
            }
            Set<String> done = new HashSet<>();
            while (!done.equals(started)) {
                WorkflowExecution work = worker.poll("w", queue, 60).orElseThrow();
                worker.complete(work.getId(), "1");
                assertTrue(done.add(work.getId()), "handed out twice");
            }
            Await.until(
                    "all to be listed as completed",
                    () -> http.get(server.http("/api/orgs/dev/workflow-executions?status=COMPLETED&queue=" + queue))
                                    .body()
                                    .path("workflowExecutions")
                                    .size()
                            == WORKFLOWS);
        }
    }
}

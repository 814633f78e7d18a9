package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.infra.testing.TestClient;
import io.millrace.proto.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** A former owner was killed while it had a transaction open. */
class OpenTransactionTest {

    private static final String OF_FORMER_OWNER = "millrace-dispatcher-former-owner-1";
    /** Longer than any test waits. */
    private static final int PATIENCE_OF_KAFKA_MS =
            Math.toIntExact(Duration.ofMinutes(10).toMillis());

    /** As when it was killed between its first two requests to write. */
    @Test
    void oneThatHasOnlyEventsHoldsUpNobodyWhoTakesOver() throws Exception {
        try (TestServer server = TestServer.start()) {
            String waiting;
            try (TestClient worker = server.worker()) {
                waiting = worker.start("echo", "waits");
            }
            server.stopNode(TestServer.FIRST);

            KafkaProducer<byte[], byte[]> killed = formerOwner(server);
            try {
                killed.initTransactions();
                killed.beginTransaction();
                killed.partitionsFor(Topics.EVENTS)
                        .forEach(each -> killed.send(
                                new ProducerRecord<>(Topics.EVENTS, each.partition(), new byte[0], new byte[] {1})));
                killed.flush();
                server.restartNode(TestServer.FIRST);

                try (TestClient worker = server.worker()) {
                    assertEquals(
                            waiting, worker.poll("w", "waits", 60).orElseThrow().getId());
                    worker.complete(waiting, "1");
                    assertEquals(
                            List.of("WORKFLOW_STARTED", "WORKFLOW_COMPLETED"),
                            worker.eventTypes(waiting).stream()
                                    .filter(type -> type.startsWith("WORKFLOW_"))
                                    .toList());
                }
            } finally {
                killed.close(Duration.ZERO);
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> formerOwner(TestServer server) {
        return new KafkaProducer<>(
                server.kafka()
                        .client(Map.of(
                                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                                OF_FORMER_OWNER,
                                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                                PATIENCE_OF_KAFKA_MS)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}

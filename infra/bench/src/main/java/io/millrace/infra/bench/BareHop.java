package io.millrace.infra.bench;

import io.millrace.infra.embedded.KafkaAccess;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What a bare hop costs on the same Kafka in the same run: produce with acks=all, then consume, and nothing else. */
final class BareHop implements AutoCloseable {

    private static final String TOPIC = "millrace-bench-floor";
    private static final int PARTITIONS = 4;
    private static final int BYTES = 300;

    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread reader;
    private volatile boolean running = true;
    private volatile Latencies latencies = new Latencies();

    BareHop(KafkaAccess kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.client(Map.of()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(PARTITIONS), Optional.of((short) 1))))
                    .all()
                    .get();
        }
        producer = new KafkaProducer<>(
                kafka.client(Map.of("acks", "all", "linger.ms", 0)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        consumer = new KafkaConsumer<>(
                kafka.client(Map.of("auto.offset.reset", "earliest")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.assign(IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition(TOPIC, partition))
                .toList());
        reader = Thread.ofPlatform().name("bench-floor").daemon(true).start(this::read);
    }

    private void read() {
        try (consumer) {
            while (running) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    latencies.record(
                            System.nanoTime() - ByteBuffer.wrap(record.value()).getLong());
                }
            }
        }
    }

    Latencies measure(int perSecond, int seconds) {
        latencies = new Latencies();
        OpenLoop.run(perSecond, seconds, intended -> {
            byte[] value = ByteBuffer.allocate(BYTES).putLong(intended).array();
            producer.send(new ProducerRecord<>(TOPIC, (int) (Math.abs(intended) % PARTITIONS), null, value));
        });
        return latencies;
    }

    @Override
    public void close() throws InterruptedException {
        running = false;
        reader.join();
        producer.close();
    }
}

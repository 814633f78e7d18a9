package io.millrace.proto.hints;

import com.google.protobuf.ByteString;
import io.millrace.proto.Ids;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.WorkAvailable;
import io.millrace.proto.v1.WorkType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Brings levels to the notifiers: first to the one of this process, and through {@code millrace.work-available} to all
 * others. Levels, so only the newest of a place counts: while one is under way to Kafka, later ones of the same place
 * replace each other and the last one follows. That a place is empty again is no hurry. What waiting workers of this process will take is told to others only if it
 * still stands there a moment later. Called on stream threads; never blocks for long.
 */
public final class HintRouter implements HintSink, AutoCloseable {

    /** How long work that this node's workers will take is kept from the others, milliseconds. */
    private static final long COVERED_DELAY_MS = 50;

    private final HintSink local;
    private final Producer<byte[], byte[]> producer;
    private final Map<Place, Slot> slots = new ConcurrentHashMap<>();
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-hints").daemon(true).factory());

    private record Place(ByteString orgId, String queue, WorkType workType, int partition) {}

    private static final class Slot {
        private WorkAvailable pending;
        private boolean underWay;
        private boolean delayed;
        private boolean othersKnowOfWork;
    }

    /** @param local the notifier of this process, or null */
    public HintRouter(String bootstrapServers, Map<String, Object> kafkaProps, HintSink local) {
        this(producer(bootstrapServers, kafkaProps), local);
    }

    HintRouter(Producer<byte[], byte[]> producer, HintSink local) {
        this.producer = producer;
        this.local = local;
    }

    private static Producer<byte[], byte[]> producer(String bootstrapServers, Map<String, Object> kafkaProps) {
        Map<String, Object> settings = new HashMap<>(kafkaProps);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(ProducerConfig.ACKS_CONFIG, "1");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 2);
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 1_000);
        settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, TimeUnit.DAYS.toMillis(1));
        Producer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        producer.partitionsFor(Topics.WORK_AVAILABLE); // so that no stream thread waits for metadata
        return producer;
    }

    @Override
    public boolean offer(WorkAvailable level) {
        boolean covered = local != null && local.offer(level);
        boolean urgent = !covered && level.getKindsCount() > 0;
        Place place = new Place(level.getOrgId(), level.getQueue(), level.getWorkType(), level.getPartition());
        Slot slot = slots.computeIfAbsent(place, p -> new Slot());
        boolean send = false;
        boolean delay = false;
        synchronized (slot) {
            slot.pending = level;
            if (!slot.underWay) {
                if (urgent) {
                    slot.underWay = true;
                    send = true;
                } else if (!slot.delayed) {
                    slot.delayed = true;
                    delay = true;
                }
            }
        }
        if (send) {
            send(place, slot);
        } else if (delay) {
            later.schedule(() -> overdue(place, slot), COVERED_DELAY_MS, TimeUnit.MILLISECONDS);
        }
        return covered;
    }

    private void overdue(Place place, Slot slot) {
        boolean send = false;
        synchronized (slot) {
            slot.delayed = false;
            if (slot.pending != null && slot.pending.getKindsCount() == 0 && !slot.othersKnowOfWork) {
                slot.pending = null; // it came and went unheard, and may stay so
            } else if (slot.pending != null && !slot.underWay) {
                slot.underWay = true;
                send = true;
            }
        }
        if (send) {
            send(place, slot);
        } else {
            forgetIfIdle(place, slot);
        }
    }

    private void send(Place place, Slot slot) {
        WorkAvailable level;
        synchronized (slot) {
            level = slot.pending;
            slot.pending = null;
            if (level == null) {
                slot.underWay = false;
            } else {
                slot.othersKnowOfWork = level.getKindsCount() > 0;
            }
        }
        if (level == null) {
            forgetIfIdle(place, slot);
            return;
        }
        byte[] key = (Ids.fromBytes(place.orgId()) + "/" + place.queue()).getBytes(StandardCharsets.UTF_8);
        try {
            // A level that gets lost is repeated by its partition while the work stands there.
            producer.send(
                    new ProducerRecord<>(Topics.WORK_AVAILABLE, key, level.toByteArray()),
                    (metadata, failure) -> send(place, slot));
        } catch (RuntimeException e) {
            synchronized (slot) {
                slot.underWay = false;
            }
        }
    }

    private void forgetIfIdle(Place place, Slot slot) {
        slots.computeIfPresent(place, (p, present) -> {
            synchronized (present) {
                return present == slot && present.pending == null && !present.underWay && !present.delayed && !present.othersKnowOfWork
                        ? null
                        : present;
            }
        });
    }

    @Override
    public void close() {
        later.shutdownNow();
        producer.close(Duration.ofSeconds(2));
    }
}

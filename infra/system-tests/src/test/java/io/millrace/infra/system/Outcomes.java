package io.millrace.infra.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.testing.Await;
import io.millrace.proto.Topics;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads {@code millrace.events} as an auditor would: from its beginning, and only what is committed. For one thread. */
public final class Outcomes implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<OutcomeRecord> read = new ArrayList<>();
    private final Map<Integer, List<OutcomeRecord>> byPartition = new HashMap<>();

    /** Begins at the beginning of all partitions. */
    public Outcomes(KafkaAccess kafka) {
        consumer = new KafkaConsumer<>(
                kafka.client(Map.of("isolation.level", "read_committed")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.EVENTS).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** @return the first outcome so far or to come that fits; fails the test if there is none in time */
    public OutcomeRecord await(String what, Predicate<OutcomeRecord> wanted) {
        return Await.found(what + " on " + Topics.EVENTS, () -> {
            readOn();
            return read.stream().filter(wanted).findFirst();
        });
    }

    /** @return all outcomes that fit, of those that were there when it was asked */
    public List<OutcomeRecord> all(Predicate<OutcomeRecord> wanted) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        Await.until("the end of " + Topics.EVENTS, () -> {
            readOn();
            return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
        });
        return read.stream().filter(wanted).toList();
    }

    /** Fails if anything was refused that a node wrote, as a copy or as what may be one. */
    static void expectNoCopies(KafkaAccess kafka) {
        try (Outcomes outcomes = new Outcomes(kafka)) {
            assertEquals(
                    List.of(),
                    outcomes.all(outcome -> outcome.getRulesVersion() >= 4
                            && outcome.getMac() != MacVerdict.MAC_VALID
                            && outcome.getMac() != MacVerdict.MAC_UNCHECKED));
        }
    }

    /** @return all outcomes of the partition that were there when it was asked, in their order */
    public List<OutcomeRecord> ofPartition(int partition) {
        all(outcome -> false);
        return byPartition.getOrDefault(partition, List.of());
    }

    private void readOn() {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            try {
                OutcomeRecord outcome = OutcomeRecord.parseFrom(record.value());
                read.add(outcome);
                byPartition
                        .computeIfAbsent(record.partition(), unknown -> new ArrayList<>())
                        .add(outcome);
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError("expected an OutcomeRecord at offset " + record.offset(), e);
            }
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}

package io.millrace.ingest.audit.notary;

import io.millrace.ingest.audit.proof.LoggedRecord;
import io.millrace.proto.kafka.Bounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/** Reads records of one partition again, wherever they are. One thread. */
final class RecordsAgain implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);
    /** To read on over what is not wanted is quicker than to go elsewhere, up to here. */
    private static final long NEAR = 1_000;

    private final KafkaConsumer<byte[], byte[]> consumer;

    /** @param consumer of no group, which becomes its own */
    RecordsAgain(KafkaConsumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /** @return all committed records of the partition from one offset to another, both included */
    List<LoggedRecord> range(String topic, int partition, long from, long to) {
        List<LoggedRecord> records = new ArrayList<>();
        TopicPartition place = go(topic, partition, from);
        while (consumer.position(place) <= to && !atEnd(place)) {
            for (ConsumerRecord<byte[], byte[]> record : poll(place)) {
                if (record.offset() <= to) {
                    records.add(LoggedRecord.of(record));
                }
            }
        }
        return records;
    }

    /** @return the committed records at these offsets, by offset; those that are not there are left out */
    Map<Long, LoggedRecord> at(String topic, int partition, List<Long> offsets) {
        Map<Long, LoggedRecord> found = new TreeMap<>();
        TreeSet<Long> missing = new TreeSet<>(offsets);
        while (!missing.isEmpty()) {
            long first = missing.first();
            TopicPartition place = go(topic, partition, first);
            while (!missing.isEmpty() && missing.first() < consumer.position(place) + NEAR && !atEnd(place)) {
                for (ConsumerRecord<byte[], byte[]> record : poll(place)) {
                    if (missing.remove(record.offset())) {
                        found.put(record.offset(), LoggedRecord.of(record));
                    }
                }
                missing.headSet(consumer.position(place)).clear();
            }
            missing.remove(first);
        }
        return found;
    }

    private TopicPartition go(String topic, int partition, long offset) {
        TopicPartition place = new TopicPartition(topic, partition);
        consumer.assign(List.of(place));
        consumer.seek(place, offset);
        return place;
    }

    private boolean atEnd(TopicPartition place) {
        return consumer.position(place) >= Bounds.end(consumer, place);
    }

    private List<ConsumerRecord<byte[], byte[]>> poll(TopicPartition place) {
        try {
            return consumer.poll(POLL).records(place);
        } catch (OffsetOutOfRangeException gone) {
            // What was deleted is not there; whoever asked for it will see.
            consumer.seekToBeginning(List.of(place));
            return List.of();
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}

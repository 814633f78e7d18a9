package io.millrace.ingest.readmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.v1.OutcomeRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record of the events topic as it came.
 *
 * @param timestamp when the broker took it in, milliseconds since the epoch
 * @param outcome what it says; null if it cannot be read
 * @param fault why it cannot be read, or null
 */
record Incoming(
        int partition,
        long offset,
        long timestamp,
        @Nullable OutcomeRecord outcome,
        @Nullable Exception fault) {

    static Incoming of(ConsumerRecord<byte[], byte[]> record) {
        try {
            return of(record, OutcomeRecord.parseFrom(record.value()), null);
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            return of(record, null, e);
        }
    }

    private static Incoming of(
            ConsumerRecord<byte[], byte[]> record, @Nullable OutcomeRecord outcome, @Nullable Exception fault) {
        return new Incoming(record.partition(), record.offset(), record.timestamp(), outcome, fault);
    }
}

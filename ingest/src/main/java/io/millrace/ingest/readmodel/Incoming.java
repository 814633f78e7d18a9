package io.millrace.ingest.readmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.proto.kafka.SealHeader;
import io.millrace.proto.mac.RecordSeals;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record of the events topic as it came.
 *
 * @param timestamp when the broker took it in, milliseconds since the epoch
 * @param seal what its seal proves
 * @param outcome what it says; null if it cannot be read
 * @param fault why it cannot be read, or null
 */
record Incoming(
        int partition,
        long offset,
        long timestamp,
        MacVerdict seal,
        @Nullable OutcomeRecord outcome,
        @Nullable Exception fault) {

    static Incoming of(ConsumerRecord<byte[], byte[]> record, RecordSeals seals) {
        MacVerdict seal = record.value() == null
                ? MacVerdict.MAC_UNCHECKED
                : seals.check(RecordSeals.place(record.partition()), record.value(), SealHeader.in(record.headers()));
        try {
            return of(record, seal, OutcomeRecord.parseFrom(record.value()), null);
        } catch (InvalidProtocolBufferException | RuntimeException e) {
            return of(record, seal, null, e);
        }
    }

    private static Incoming of(
            ConsumerRecord<byte[], byte[]> record,
            MacVerdict seal,
            @Nullable OutcomeRecord outcome,
            @Nullable Exception fault) {
        return new Incoming(record.partition(), record.offset(), record.timestamp(), seal, outcome, fault);
    }
}

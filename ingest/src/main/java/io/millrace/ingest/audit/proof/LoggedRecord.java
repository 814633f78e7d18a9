package io.millrace.ingest.audit.proof;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record as it stands on Kafka.
 *
 * @param offset in its partition
 * @param timestampMs time of the record, which Kafka sets when it takes it in
 * @param key or null
 * @param value or null
 * @param headers in order
 */
public record LoggedRecord(
        long offset, long timestampMs, byte @Nullable [] key, byte @Nullable [] value, List<LoggedHeader> headers) {

    /**
     * A header of a record.
     *
     * @param name need not be the only one of this name
     * @param value or null
     */
    public record LoggedHeader(String name, byte @Nullable [] value) {}

    /** @return the record as the consumer got it */
    public static LoggedRecord of(ConsumerRecord<byte[], byte[]> record) {
        return new LoggedRecord(
                record.offset(),
                record.timestamp(),
                record.key(),
                record.value(),
                headers(record.headers().toArray()));
    }

    private static List<LoggedHeader> headers(Header[] headers) {
        if (headers.length == 0) {
            return List.of();
        }
        List<LoggedHeader> all = new ArrayList<>(headers.length);
        for (Header header : headers) {
            all.add(new LoggedHeader(header.key(), header.value()));
        }
        return all;
    }
}

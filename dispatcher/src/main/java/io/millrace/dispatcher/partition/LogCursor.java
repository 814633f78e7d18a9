package io.millrace.dispatcher.partition;

import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Optional;

/** The place from which the log of one partition is read on. Stream thread only; may wait for Kafka, so for rare moments. */
public interface LogCursor extends AutoCloseable {

    /**
     * A record of the log.
     *
     * @param appendedMs when the broker took it in, milliseconds since the epoch
     */
    record Entry(byte[] value, long appendedMs) {}

    /** Goes on from the offset. What was read already still comes before it. */
    void seek(long offset);

    /** Stands at the offset and reads nothing. What was read already still comes. */
    void hold(long offset);

    /** @return the record at the offset, empty where the log has none there */
    Optional<Entry> at(long offset);

    /** @return offset of the first command that the log still has */
    long start();

    /** @return offset behind the last command of the log */
    long end();

    /**
     * @return the last outcome that stood on the events topic, committed, when the partition was opened, empty if there was none
     */
    Optional<OutcomeRecord> lastOutcome();

    /** @return what the outcome of the command at the offset, which stands on the events topic, says of the command's MAC */
    MacVerdict verdict(long offset);

    @Override
    void close();
}

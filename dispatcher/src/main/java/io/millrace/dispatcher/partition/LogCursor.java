package io.millrace.dispatcher.partition;

import java.util.Optional;

/** The place from which the log of one partition is read on. Stream thread only; may wait for Kafka, so for rare moments. */
public interface LogCursor {

    /** Goes on from the offset. What was read already still comes before it. */
    void seek(long offset);

    /** Stands at the offset and reads nothing. What was read already still comes. */
    void hold(long offset);

    /** @return the record at the offset, empty where the log has none there */
    Optional<byte[]> at(long offset);

    /** @return offset of the first command that the log still has */
    long start();

    /** @return offset behind the last command of the log */
    long end();
}

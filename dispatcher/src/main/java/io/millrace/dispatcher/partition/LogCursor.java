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
     * An outcome on the events topic.
     *
     * @param seal what its seal proves
     */
    record Recorded(OutcomeRecord outcome, MacVerdict seal) {}

    /**
     * Outcomes that stood on the events topic, committed, when the partition was opened, and that the state has not.
     *
     * @param next the first of them
     * @param last of those at the end of the topic the last that continues another; a guess, since somebody may have written
     *     it. Not before the first
     */
    record Unseen(OutcomeRecord next, OutcomeRecord last) {}

    /**
     * Begins to look for the outcomes that continue the place. Whatever else stands on the topic is passed over. Returns
     * at once.
     *
     * @param sealed whether only outcomes count that have a seal which fits, or of which nobody can tell, since it is of
     *     another key
     */
    void lookBehind(OutcomePlace state, boolean sealed);

    /** @return what was found behind the place, empty if there was nothing */
    Optional<Unseen> unseen();

    /** @return the first outcome on the events topic, committed, that continues the place; empty if there is none */
    Optional<Recorded> next(OutcomePlace place);

    /** @return whether the very outcome stands on the events topic, behind the one that was found last */
    boolean standsBehind(OutcomePlace outcome);

    @Override
    void close();
}

package io.millrace.ingest.streams;

import io.millrace.proto.v1.TaskStreamRecord;
import java.util.List;
import java.util.UUID;

/**
 * What running tasks stream out: tokens, progress, data, errors. It is for those who watch, no part of the history, and
 * kept for a short while only. Safe from any thread; no method blocks.
 */
public interface TaskStreams extends AutoCloseable {

    /** Instead of a position: of a listener who comes for the first time, and so misses nothing that is no longer kept. */
    long NEWCOMER = -2;

    /** @return whether it was taken; false where more comes than can be passed on */
    boolean publish(TaskStreamRecord record);

    /**
     * Hears of everything that the tasks of an execution stream out from now on, and of what is still kept of it.
     *
     * @param orgId organisation that the execution belongs to
     * @param executionId workflow execution, or a standalone task
     * @param after position of the last item that is known already; -1: none, although it was there before; {@link #NEWCOMER}
     * @return ends it
     */
    Subscription subscribe(UUID orgId, UUID executionId, long after, Listener listener);

    /** @return what is still kept after the position, in order */
    List<StreamItem> kept(UUID orgId, UUID executionId, long after);

    @Override
    void close();

    /** Hears of items in order, one at a time. Must not block. */
    @FunctionalInterface
    interface Listener {

        /** @return false: no more is wanted, and the subscription ends */
        boolean item(StreamItem item);

        /**
         * What the listener knows is older than what is kept; said before any item.
         *
         * @param upTo items up to this position may be missing
         */
        default void gap(long upTo) {}
    }

    /** A listener's place; closing it twice is fine. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}

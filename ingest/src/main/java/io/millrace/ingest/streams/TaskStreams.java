package io.millrace.ingest.streams;

import io.millrace.proto.v1.TaskStreamRecord;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * What running tasks stream out: tokens, progress, data, errors. It is for those who watch, no part of the history, and
 * kept for a short while only. Safe from any thread; no method blocks.
 */
public interface TaskStreams extends AutoCloseable {

    /** @return whether it was taken; false where more comes than can be passed on */
    boolean publish(TaskStreamRecord record);

    /**
     * Hears of everything that the tasks of an execution stream out from now on, and of what is still kept of it.
     *
     * @param orgId organisation that the execution belongs to
     * @param executionId workflow execution, or a standalone task
     * @param after position of the last item that is known already; below 0: none
     * @param listener is called in order, one item at a time; must not block
     * @return ends it
     */
    Subscription subscribe(UUID orgId, UUID executionId, long after, Consumer<StreamItem> listener);

    @Override
    void close();

    /** A listener's place; closing it twice is fine. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}

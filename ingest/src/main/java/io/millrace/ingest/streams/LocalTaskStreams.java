package io.millrace.ingest.streams;

import io.millrace.proto.v1.TaskStreamRecord;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Streams within one process: for a front door that is the only one and needs no record of them. */
public final class LocalTaskStreams implements TaskStreams {

    private final StreamHub hub = new StreamHub();
    private final AtomicLong position = new AtomicLong();

    /** Begins with nothing. */
    public LocalTaskStreams() {
        hub.begin(new long[] {0});
    }

    @Override
    public boolean publish(TaskStreamRecord record) {
        synchronized (hub) {
            hub.accept(new StreamItem(position.getAndIncrement(), record));
        }
        return true;
    }

    @Override
    public Subscription subscribe(UUID orgId, UUID executionId, long after, Listener listener) {
        return hub.subscribe(orgId, executionId, after, listener);
    }

    @Override
    public List<StreamItem> kept(UUID orgId, UUID executionId, long after) {
        return hub.kept(orgId, executionId, after);
    }

    @Override
    public void close() {}
}

package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.Announcements;
import io.millrace.proto.directory.Tenures;

/** Tells in the directory how this node stands to its partitions. Any thread; never blocks. */
final class DirectoryAnnouncements implements Announcements {

    private final Tenures tenures;
    private final Runnable changed;

    /** @param changed called after each change */
    DirectoryAnnouncements(Tenures tenures, Runnable changed) {
        this.tenures = tenures;
        this.changed = changed;
    }

    @Override
    public void opening(int partition) {
        tenures.opening(partition);
        changed.run();
    }

    @Override
    public void owning(int partition, long begunAt) {
        tenures.owning(partition, begunAt);
        changed.run();
    }

    @Override
    public void over(int partition, long begunAt) {
        tenures.over(partition, begunAt);
        changed.run();
    }

    /** The node stops: nothing of it is served any more, and what it still has will be over in a moment. */
    void leave() {
        tenures.leave();
    }
}

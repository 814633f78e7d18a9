package io.millrace.dispatcher.partition;

/** Where a node tells all others how it stands to its partitions. Any thread; must not block. */
public interface Announcements {

    /** There is nobody to be told. */
    Announcements NONE = new Announcements() {
        @Override
        public void opening(int partition) {}

        @Override
        public void owning(int partition, long begunAt) {}

        @Override
        public void over(int partition, long begunAt) {}
    };

    /** Its tenure is being prepared. */
    void opening(int partition);

    /** It owns the partition by the command at the offset. */
    void owning(int partition, long begunAt);

    /** That tenure is over, {@link Tenure#NOT_BEGUN}: before it began. */
    void over(int partition, long begunAt);
}

package io.millrace.dispatcher.partition;

/**
 * A partition that cannot go on, however often it is tried: its log has a gap, or asks for what this node does not know. Only
 * people can help, and the text tells them how. Other partitions go on.
 */
public final class PartitionStoppedException extends RuntimeException {

    private final int partition;

    /**
     * @param found "expected …, but …"
     * @param remedy what is to be done, a sentence
     */
    public PartitionStoppedException(int partition, String found, String remedy) {
        super("partition " + partition + " stands still: " + found + ". " + remedy);
        this.partition = partition;
    }

    /** @return number of the partition */
    public int partition() {
        return partition;
    }
}

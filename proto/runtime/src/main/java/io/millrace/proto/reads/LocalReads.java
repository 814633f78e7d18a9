package io.millrace.proto.reads;

/** Reads from the stores of this very node. They answer on the calling thread, and wait for nothing remote. */
public interface LocalReads extends NodeReads {

    /** @return whether this node serves the partition now */
    boolean owns(int partition);
}

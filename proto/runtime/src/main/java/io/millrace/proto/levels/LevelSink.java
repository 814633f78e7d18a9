package io.millrace.proto.levels;

import io.millrace.proto.v1.WorkAvailable;

/** Where the dispatcher says how much work stands ready. Any thread; must not block. */
@FunctionalInterface
public interface LevelSink {

    /**
     * Takes a level. Of two levels of the same partition and queue, the one with the higher position is right. A level
     * that is repeated may come after a newer one.
     *
     * @return true where waiting workers of this node cover all the work, so that other nodes need not hear of it at
     *     once
     */
    boolean offer(WorkAvailable level);
}

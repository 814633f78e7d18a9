package io.millrace.proto.hints;

import io.millrace.proto.v1.WorkAvailable;

/** Where the dispatcher says how much work stands ready. Any thread; must not block. */
@FunctionalInterface
public interface HintSink {

    /**
     * Takes a level. Of one partition of a queue the one with the higher position is right; one that is said again may come
     * after it.
     *
     * @return true where waiting workers of this node cover all the work, so that other nodes need not hear of it at once
     */
    boolean offer(WorkAvailable level);
}

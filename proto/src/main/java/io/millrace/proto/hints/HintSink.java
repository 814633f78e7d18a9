package io.millrace.proto.hints;

import io.millrace.proto.v1.WorkAvailable;

/** Where the dispatcher says how much work stands ready. Called on a stream thread: must not block. */
@FunctionalInterface
public interface HintSink {

    /**
     * Takes a level. Levels of one partition of a queue come in the order of their positions.
     *
     * @return true where waiting workers of this node cover all the work, so that other nodes need not hear of it at once
     */
    boolean offer(WorkAvailable level);
}

package io.millrace.proto.reads;

import io.millrace.proto.v1.WatchStep;

/**
 * Hears of what happens to one execution. A watch is a level, not a queue: what happens while nobody asks is told
 * together in the next step, so nothing piles up. Safe from any thread; no method blocks.
 */
public interface ExecutionWatch extends AutoCloseable {

    /** The last step, if the partition cannot be found or is lost on the way. */
    WatchStep MOVED = WatchStep.newBuilder().setEnd(WatchStep.End.MOVED).build();

    /**
     * Asks for one step, which comes as soon as there is something to tell. Only the end comes without being asked for.
     */
    void next();

    /** Ends the watch. It may be called twice, and after the end. */
    @Override
    void close();
}

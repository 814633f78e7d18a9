package io.millrace.proto.reads;

import io.millrace.proto.v1.WatchStep;

/**
 * Hears of what happens to one execution. It is a level and not a queue: what happens while nobody asks is told in the next
 * step, so that nothing piles up. Safe from any thread; no method blocks.
 */
public interface ExecutionWatch extends AutoCloseable {

    /** The last step that is told where the partition cannot be found, or is lost on the way. */
    WatchStep MOVED = WatchStep.newBuilder().setEnd(WatchStep.End.MOVED).build();

    /** Asks for one step, which comes as soon as there is something to tell. Nothing is told unasked, but for the end. */
    void next();

    /** Ends it; closing it twice, or after its end, is fine. */
    @Override
    void close();
}

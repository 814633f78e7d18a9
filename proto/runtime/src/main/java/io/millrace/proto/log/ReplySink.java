package io.millrace.proto.log;

import io.millrace.proto.v1.ReplyRecord;

/** Where the dispatcher leaves its answers. Called on a stream thread: must not block. */
@FunctionalInterface
public interface ReplySink {

    /**
     * Hands the answer to the caller that waits for it at {@code reply.node}. An answer that nobody waits for is
     * dropped.
     */
    void deliver(ReplyRecord reply);
}

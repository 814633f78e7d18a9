package io.millrace.notifier.queue;

import io.millrace.proto.v1.ReplyRecord.WorkClaimed;

/** The other end of a poll. Exactly one of both is called, once, never while a lock of the index is held. */
public interface PollAnswer {

    /** Work for the poll. If it cannot be delivered any more the claim is to be given back. */
    void work(WorkClaimed.Result result);

    /** There is nothing, or the time is over. */
    void empty();
}

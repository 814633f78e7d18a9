package io.millrace.notifier.queue;

import io.millrace.proto.v1.ReplyRecord.WorkClaimed;

/** Who writes claims to the command log, and gives back those that nobody wants. Never blocks. */
public interface ClaimDesk {

    /** Writes the claims of the batch as one command and brings the answer. */
    void send(ClaimBatch batch, ClaimAnswers answers);

    /** Gives back whatever the claims of the batch may have got: nobody waits for their answer any more. */
    void forget(ClaimBatch batch);

    /** Gives work back that was claimed but did not reach a worker. */
    void giveBack(WorkQueue key, WorkClaimed.Result result, String reason);
}

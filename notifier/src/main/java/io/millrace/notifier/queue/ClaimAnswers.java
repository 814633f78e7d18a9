package io.millrace.notifier.queue;

import io.millrace.proto.v1.ReplyRecord.WorkClaimed;

/** Where answers to claims arrive: exactly one call for each batch, from any thread, never blocking it. */
public interface ClaimAnswers {

    /** The engine's answer: results in the order of the batch, and what is left. */
    void claimed(ClaimBatch batch, WorkClaimed answer);

    /**
     * The answer of a batch of which it was said before that it failed, was not carried or not answered. May come once after
     * that.
     */
    void late(ClaimBatch batch, WorkClaimed answer);

    /** The command was not answered in its time, and may or may not take effect. */
    void unanswered(ClaimBatch batch);

    /** The command was not written, or was refused. */
    void failed(ClaimBatch batch);

    /** The command that the claims rode on was not written, or was refused. */
    void notCarried(ClaimBatch batch);

    /** The command that the claims rode on was not answered in its time, and may or may not take effect. */
    void unansweredRide(ClaimBatch batch);
}

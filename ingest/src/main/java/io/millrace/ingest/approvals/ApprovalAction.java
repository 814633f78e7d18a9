package io.millrace.ingest.approvals;

import io.millrace.ingest.auth.Right;

/** What may need an approval. */
public enum ApprovalAction {
    /** Cancel a workflow or a task. */
    CANCEL(Right.CANCEL),
    /** Terminate a workflow. */
    TERMINATE(Right.CANCEL),
    /** Let a workflow go on in a new run, which ends the earlier one if it is open. */
    RESET(Right.CANCEL),
    /** Erase the payloads of an execution or of a data subject. */
    ERASE(Right.ERASE),
    /** Make a key that may report what became of work, and so end it. */
    KEYS(Right.KEYS);

    private final Right right;

    ApprovalAction(Right right) {
        this.right = right;
    }

    /** @return what somebody needs to do it, and so to decide on it */
    public Right right() {
        return right;
    }
}

package io.millrace.ingest.approvals;

/** What may need an approval. */
public enum ApprovalAction {
    /** Cancel a workflow or a task. */
    CANCEL
}

package io.millrace.infra.worker;

/** Thrown by a workflow to end itself as cancelled; the text is the reason. */
public final class WorkflowCancelledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param reason for those who wait for the workflow */
    public WorkflowCancelledException(String reason) {
        super(reason);
    }
}

package io.millrace.infra.worker;

/** A workflow throws it to end itself as cancelled. The text is the reason. */
public final class WorkflowCancelledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param reason told to those who wait for the workflow */
    public WorkflowCancelledException(String reason) {
        super(reason);
    }
}

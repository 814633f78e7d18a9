package io.millrace.infra.worker;

/** What a workflow awaited ended without a result. The text is the error of the task, child or promise. */
public final class AwaitFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AwaitFailedException(String error) {
        super(error);
    }
}

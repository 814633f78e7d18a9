package io.millrace.infra.worker;

/** What a workflow awaited ended without a result: the text is the task's, child's or promise's error. */
public final class AwaitFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AwaitFailedException(String error) {
        super(error);
    }
}

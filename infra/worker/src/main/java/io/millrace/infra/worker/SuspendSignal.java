package io.millrace.infra.worker;

/**
 * Leaves a workflow function where the history ends. It is an error and not an exception, so that workflow code that
 * catches exceptions lets it pass.
 */
final class SuspendSignal extends Error {

    private static final long serialVersionUID = 1L;

    SuspendSignal(String reason) {
        super(reason, null, false, false);
    }
}

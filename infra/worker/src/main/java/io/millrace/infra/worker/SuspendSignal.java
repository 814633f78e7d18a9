package io.millrace.infra.worker;

/**
 * Leaves a workflow function at a place where the history does not reach on. An error, so that workflow code which catches
 * exceptions lets it pass.
 */
final class SuspendSignal extends Error {

    private static final long serialVersionUID = 1L;

    SuspendSignal(String reason) {
        super(reason, null, false, false);
    }
}

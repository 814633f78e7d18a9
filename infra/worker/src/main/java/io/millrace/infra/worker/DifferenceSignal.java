package io.millrace.infra.worker;

/**
 * Leaves a workflow function where it asks for something that a recorded history does not have, so that nothing of it is carried out.
 * It is an error and not an exception, so that workflow code that catches exceptions lets it pass.
 */
final class DifferenceSignal extends Error {

    private static final long serialVersionUID = 1L;

    DifferenceSignal() {
        super("not as recorded", null, false, false);
    }
}

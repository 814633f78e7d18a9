package io.millrace.infra.worker;

/** On replay a workflow did something else than its history says. This fails the workflow. */
public final class DeterminismException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DeterminismException(String text) {
        super(text);
    }

    DeterminismException(String what, int index, String recorded, String issued) {
        super("Determinism violation: expected " + what + " " + (index + 1) + " to be " + recorded
                + " as recorded, but it is " + issued);
    }
}

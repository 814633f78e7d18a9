package io.millrace.infra.worker;

/** A workflow did on replay something else than its history says. It fails the workflow. */
public final class DeterminismException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DeterminismException(String what, int index, String recorded, String issued) {
        super("Determinism violation: expected " + what + " " + (index + 1) + " to be " + recorded
                + " as recorded, but it is " + issued);
    }
}

package io.millrace.infra.worker;

import com.google.protobuf.ByteString;

/**
 * Leaves a workflow function that continues as new. It is an error and not an exception, so that workflow code that catches exceptions
 * lets it pass.
 */
final class ContinueAsNewSignal extends Error {

    private static final long serialVersionUID = 1L;

    private final transient ByteString input;

    /** @param input of the new run, JSON text */
    ContinueAsNewSignal(ByteString input) {
        super("continues as new", null, false, false);
        this.input = input;
    }

    ByteString input() {
        return input;
    }
}

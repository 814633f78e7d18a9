package io.millrace.infra.embedded;

import io.millrace.infra.server.StartException;

/** An embedded broker or database could not be started. The message says what was expected and what was found. */
public final class EmbeddedStartException extends StartException {

    private static final long serialVersionUID = 1L;

    EmbeddedStartException(String message) {
        super(message);
    }

    EmbeddedStartException(String message, Throwable cause) {
        super(message, cause);
    }
}

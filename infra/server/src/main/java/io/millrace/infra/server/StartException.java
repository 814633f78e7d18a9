package io.millrace.infra.server;

/** A node, or something that it needs, could not start. The text says what was expected and what was found. */
public class StartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message "expected …, but …" */
    public StartException(String message) {
        super(message);
    }

    /**
     * @param message "expected …, but …"
     * @param cause what went wrong
     */
    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}

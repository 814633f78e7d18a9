package io.millrace.ingest.audit.keys;

/** Keys cannot be read, made or used. The message says what was expected and what was found; it holds no secret. */
public final class KeyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message "expected …, but …" */
    public KeyException(String message) {
        super(message);
    }

    /**
     * @param message "expected …, but …"
     * @param cause what failed
     */
    public KeyException(String message, Throwable cause) {
        super(message, cause);
    }
}

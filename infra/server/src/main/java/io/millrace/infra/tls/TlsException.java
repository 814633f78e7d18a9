package io.millrace.infra.tls;

/** Files for TLS cannot be used. The text says which file, what was expected of it, and what was found. */
public final class TlsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message "expected …, but …" */
    public TlsException(String message) {
        super(message);
    }

    /**
     * @param message "expected …, but …"
     * @param cause what went wrong
     */
    public TlsException(String message, Throwable cause) {
        super(message, cause);
    }
}

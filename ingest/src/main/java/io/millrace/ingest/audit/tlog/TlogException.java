package io.millrace.ingest.audit.tlog;

import java.util.Objects;

/** A text, a proof or a signature is not what it has to be. The message says what was expected and what was found. */
public final class TlogException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message "expected …, but …" */
    public TlogException(String message) {
        super(message);
    }

    /**
     * @param message "expected …, but …"
     * @param cause what failed
     */
    public TlogException(String message, Throwable cause) {
        super(message, cause);
    }

    /** @return what is wrong, never null */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "text");
    }
}

package io.millrace.ingest.auth;

/** The call carries no key, or none that is known. The text never repeats what it carried. */
public final class AuthenticationException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param message "expected …, but …" */
    public AuthenticationException(String message) {
        super(message, null, false, false);
    }
}

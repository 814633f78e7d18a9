package io.millrace.ingest.auth;

import java.util.Objects;

/** The call carries no key, or none that is known. The text never repeats what it carried. */
public final class AuthenticationException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean unchecked;

    /** @param message "expected …, but …" */
    public AuthenticationException(String message) {
        this(message, false);
    }

    private AuthenticationException(String message, boolean unchecked) {
        super(message, null, false, false);
        this.unchecked = unchecked;
    }

    /** What it carries was not looked at, since there is too much to look at; a second later there may be less. */
    static AuthenticationException unchecked(String message) {
        return new AuthenticationException(message, true);
    }

    /** @return whether the caller may be known all the same, and should ask again */
    public boolean isUnchecked() {
        return unchecked;
    }

    /** @return what is wrong, never null */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "text");
    }
}

package io.millrace.proto;

import org.jspecify.annotations.Nullable;

/**
 * The request cannot be carried out at this moment: a part is not there, starts, or moves. Callers should try again
 * soon.
 */
public class UnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message what was expected and what happened, in words for the caller */
    public UnavailableException(String message) {
        super(message);
    }

    /** As above, with a cause, which callers do not see. */
    public UnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

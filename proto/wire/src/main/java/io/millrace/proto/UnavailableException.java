package io.millrace.proto;

/** What was asked cannot be done at this moment: a part is not there, starts, or moves. Trying again soon is right. */
public class UnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message what was expected and what happened, in words for the caller */
    public UnavailableException(String message) {
        super(message);
    }

    /** As above, with what lies behind it, which callers do not see. */
    public UnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.millrace.dispatcher.replay.log;

/** A recorded log cannot be looked at as it was asked for: the text says what was expected, and what there is. */
public class LogUnreadableException extends RuntimeException {

    /** @param message "expected …, but …" */
    public LogUnreadableException(String message) {
        super(message);
    }

    /** @param message "expected …, but …" */
    public LogUnreadableException(String message, Throwable cause) {
        super(message, cause);
    }
}

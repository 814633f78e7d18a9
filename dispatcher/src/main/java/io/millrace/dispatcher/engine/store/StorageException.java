package io.millrace.dispatcher.engine.store;

/**
 * A store could not be read or written. That depends on the machine and not on the command, so it must never become
 * part of an outcome. Whoever meets it stops, and does the same again later.
 */
public class StorageException extends RuntimeException {

    /** @param message "expected …, but …" */
    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}

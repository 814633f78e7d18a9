package io.millrace.proto.directory;

/** An organisation has as many registrations as it may have, and all of them have given a sign of life lately. */
public final class DirectoryFullException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message "expected …, but …" */
    DirectoryFullException(String message) {
        super(message, null, false, false);
    }
}

package io.millrace.dispatcher.engine.store;

/** A store is open no more, since its partition moves to another owner. */
public final class StorageClosedException extends StorageException {

    /** @param message "expected …, but …" */
    public StorageClosedException(String message, Throwable cause) {
        super(message, cause);
    }
}

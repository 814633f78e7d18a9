package io.millrace.ingest.readmodel;

/** The read model cannot be rebuilt now; the text says why and what to do. Nothing was changed. */
public final class RebuildRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RebuildRefusedException(String message) {
        super(message);
    }

    RebuildRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}

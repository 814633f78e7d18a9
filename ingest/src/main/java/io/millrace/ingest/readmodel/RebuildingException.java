package io.millrace.ingest.readmodel;

/** The read model is being rebuilt, so projectors have to wait. */
final class RebuildingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RebuildingException(String message) {
        super(message);
    }
}

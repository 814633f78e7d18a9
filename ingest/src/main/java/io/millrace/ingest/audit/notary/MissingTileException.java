package io.millrace.ingest.audit.notary;

/** A tile that belongs to a log is not in the database, or not so wide. It shows nothing about the records. */
final class MissingTileException extends NotaryException {

    private static final long serialVersionUID = 1L;

    private final int partition;

    /** @param message "expected …, but …" */
    MissingTileException(int partition, String message) {
        super(message, null);
        this.partition = partition;
    }

    /** @return whose tile it is */
    int partition() {
        return partition;
    }
}

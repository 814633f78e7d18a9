package io.millrace.ingest.readmodel;

/** The database refuses the rows of some record, and of a batch of several nobody knows which. Nothing of the batch is written. */
final class RefusedRowsException extends Exception {

    private static final long serialVersionUID = 1;

    private final int records;

    /** @param records of the batch, at least two */
    RefusedRowsException(int records, Exception cause) {
        super("expected the database to take the rows of " + records + " records, but it refused some of them", cause);
        this.records = records;
    }

    /** @return how many the batch had */
    int records() {
        return records;
    }
}

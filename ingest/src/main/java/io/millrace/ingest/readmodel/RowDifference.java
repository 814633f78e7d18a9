package io.millrace.ingest.readmodel;

/**
 * A row in which the read model differs from the log.
 *
 * @param table table or view of the read model
 * @param key what the row is known by, as "column value" pairs
 * @param text what differs, without payloads
 */
public record RowDifference(String table, String key, String text) {

    @Override
    public String toString() {
        return table + " (" + key + "): " + text;
    }
}

package io.millrace.ingest.readmodel;

import io.millrace.ingest.queries.PageRequest;

/**
 * SQL of a part of a list that ends early where its rows are large. The database counts: what it does not hand over takes no memory
 * here, and it knows how long a text is without reading it. To cut texts instead would not do, for those that are encrypted can only be
 * decrypted as a whole, and whoever reads a list could not tell a text from its beginning.
 */
final class BoundedRows {

    /** Column: how many rows there are, up to one more than the part may have. */
    static final String FOUND = "found";

    private BoundedRows() {}

    /**
     * @param columns what is selected
     * @param from table and condition
     * @param order order of the list, by what stands in the table
     * @param selected the same order, by what is selected
     * @param bytes expression of what of a row may be large, in bytes, by the columns of the table
     * @param limit rows of the part, at the most; one more may come
     */
    static String select(String columns, String from, String order, String selected, String bytes, int limit) {
        return "SELECT * FROM (SELECT part.*, count(*) OVER () AS " + FOUND + ", sum(bytes) OVER (ORDER BY " + selected
                + " ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before FROM (SELECT " + columns + ", (" + bytes
                + ")::bigint AS bytes FROM " + from + " ORDER BY " + order + " LIMIT " + (limit + 1)
                + ") AS part) AS counted WHERE bytes_before < " + PageRequest.MAX_BYTES + " ORDER BY " + selected;
    }
}

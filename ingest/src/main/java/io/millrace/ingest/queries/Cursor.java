package io.millrace.ingest.queries;

import io.millrace.proto.Ids;
import java.util.Optional;
import java.util.UUID;

/**
 * A place in a list that is ordered by creation time and id, both descending: the item after which the next part begins.
 * Unlike a row number it stays right while new items come in at the top.
 *
 * @param createdAtMs creation time of that item
 * @param id its id
 */
public record Cursor(long createdAtMs, UUID id) {

    /** @return the cursor as callers carry it; they should read nothing into it */
    public String encode() {
        return createdAtMs + "_" + id;
    }

    /** @return the cursor that {@link #encode} wrote, or empty if this is none */
    public static Optional<Cursor> parse(String text) {
        int split = text.indexOf('_');
        if (split < 0 || !text.substring(0, split).matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        long time = Long.parseLong(text.substring(0, split));
        return Ids.parse(text.substring(split + 1)).map(id -> new Cursor(time, id));
    }
}

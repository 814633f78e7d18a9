package io.millrace.ingest.queries;

import io.millrace.proto.Ids;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a list that is ordered by a number and by id: the item after which the next part begins. Unlike a row number it
 * stays right while new items come in at the top.
 *
 * @param order name of the list's order; empty: by creation time, newest first
 * @param value the number by which that item is ordered, such as its creation time; negative: it has none
 * @param id its id
 */
public record Cursor(String order, long value, UUID id) {

    private static final Pattern FORM = Pattern.compile("(?:([a-z]{1,20}-(?:asc|desc))_)?(-?[0-9]{1,18})_([^_]+)");

    /** A place in a list by creation time, newest first. */
    public Cursor(long createdAtMs, UUID id) {
        this("", createdAtMs, id);
    }

    /** @return the cursor as callers carry it; they should read nothing into it */
    public String encode() {
        return (order.isEmpty() ? "" : order + "_") + value + "_" + id;
    }

    /** @return the cursor that {@link #encode} wrote, or empty if this is none */
    public static Optional<Cursor> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        String order = form.group(1) == null ? "" : form.group(1);
        long value = Long.parseLong(form.group(2));
        return Ids.parse(form.group(3)).map(id -> new Cursor(order, value, id));
    }
}

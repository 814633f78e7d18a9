package io.millrace.ingest.search;

import java.util.Objects;

/** A query that cannot be read, and where in it. */
public final class SearchFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int position;
    private final int length;

    SearchFault(String text, int position, int length) {
        super(text, null, false, false);
        this.position = position;
        this.length = length;
    }

    /** @return what was expected and what was found, never null */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "text");
    }

    /** @return the first character that is wrong, counted from 0 in units of UTF-16; the length of the query: its end came too early */
    public int position() {
        return position;
    }

    /** @return characters that are wrong, 0 at the end of the query */
    public int length() {
        return length;
    }

    /** @return the text with its place, counted from 1 as people do */
    public String placed() {
        return getMessage() + ", at character " + (position + 1) + " of the query";
    }
}

package io.millrace.proto.schedule;

/** A timing that cannot be: which field of it, where in that, and what was expected instead. */
public final class BadTimingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String field;
    private final int position;
    private final String text;

    /**
     * @param field such as {@code cron} or {@code timeZone}
     * @param position of the character in the field that is meant, from 1; 0: all of it
     * @param text "expected …, but …"
     */
    BadTimingException(String field, int position, String text) {
        this(field, position, text, position > 0 ? field + ", position " + position : field);
    }

    private BadTimingException(String field, int position, String text, String place) {
        super(text + " (" + place + ")");
        this.text = text + " (" + place + ")";
        this.field = field;
        this.position = position;
    }

    /** @return what is wrong, with its place */
    public String text() {
        return text;
    }

    /** @return the field that is wrong */
    public String field() {
        return field;
    }

    /** @return place of the character that is meant, from 1; 0: all of the field is */
    public int position() {
        return position;
    }
}

package io.millrace.ingest.search;

/**
 * Something that may be written next.
 *
 * @param text what to write
 * @param about what it means, for people
 * @param type what it is
 */
public record Completion(String text, String about, Type type) {

    /** What a completion is. */
    public enum Type {
        /** Name of a field. */
        FIELD,
        /** A word or sign of the language. */
        KEYWORD,
        /** A value of a field. */
        VALUE
    }

    static Completion keyword(String text, String about) {
        return new Completion(text, about, Type.KEYWORD);
    }

    static Completion value(String text, String about) {
        return new Completion(text, about, Type.VALUE);
    }
}

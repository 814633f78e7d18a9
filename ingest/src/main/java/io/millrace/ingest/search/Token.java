package io.millrace.ingest.search;

/**
 * A part of a query.
 *
 * @param type what it is
 * @param text what it says; of a text in quotes what stands between them
 * @param from its first character
 * @param to the character behind its last
 */
record Token(Type type, String text, int from, int to) {

    enum Type {
        /** A name, a keyword or a value without quotes. */
        WORD,
        /** A text in quotes. */
        QUOTED,
        /** {@code = != > >= < <= ~ !~}. */
        SIGN,
        LEFT,
        RIGHT,
        COMMA,
        /** Behind the last part. */
        END
    }

    boolean is(String keyword) {
        return type == Type.WORD && text.equalsIgnoreCase(keyword);
    }
}

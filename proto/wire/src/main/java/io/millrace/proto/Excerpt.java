package io.millrace.proto;

/** The beginning of a text that may be too long. It never ends with half of a character that takes two UTF-16 units. */
public final class Excerpt {

    private Excerpt() {}

    /** @return the text if it is short enough, else its first {@code most} UTF-16 units, or one fewer */
    public static String of(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        boolean halved = most > 0
                && Character.isHighSurrogate(text.charAt(most - 1))
                && Character.isLowSurrogate(text.charAt(most));
        return text.substring(0, halved ? most - 1 : most);
    }

    /** As {@link #of}, with "…" at the end where something was left out. */
    public static String marked(String text, int most) {
        return text.length() <= most ? text : of(text, most) + "…";
    }
}

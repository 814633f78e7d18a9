package io.millrace.proto;

/**
 * Texts of whole characters. A Java text may hold half of one (a surrogate without its partner), which UTF-8 cannot say:
 * encoders write a question mark for it, so that different texts become the same.
 */
public final class WholeText {

    private WholeText() {}

    /** @return place of the first half character, -1 where all are whole */
    public static int firstHalf(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }
}

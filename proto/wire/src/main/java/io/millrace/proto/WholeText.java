package io.millrace.proto;

/**
 * Looks for half characters in texts. A Java text may hold half of a character: a surrogate without its partner. UTF-8
 * cannot express that, so encoders write a question mark instead, and different texts become the same.
 */
public final class WholeText {

    private WholeText() {}

    /** @return index of the first half character, -1 where all characters are whole */
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

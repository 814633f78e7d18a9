package io.millrace.proto;

import java.util.Optional;

/** The rules for names, wherever they come in: kinds, queues, workers, signals, keys. */
public final class Names {

    /** Longest name that requests may bring, in characters. */
    public static final int MAX_CHARS = 255;

    private Names() {}

    /**
     * Says what is wrong with a name. An empty name is right.
     *
     * @param field what it is the name of
     * @param maxChars longest length that is allowed, in characters
     * @return "expected …, but …"; nothing if the name is right
     */
    public static Optional<String> fault(String field, String name, int maxChars) {
        // A character beyond the first 65,536 of Unicode takes two chars.
        int chars = name.length() <= maxChars ? name.length() : name.codePointCount(0, name.length());
        if (chars > maxChars) {
            return Optional.of("expected at most " + maxChars + " characters as " + field + ", but got " + chars);
        }
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                return Optional.of("expected no control characters in " + field + ", but there is one at " + i);
            }
        }
        return Optional.empty();
    }
}

package io.millrace.proto;

/** How like two texts are, to tell people what they may have meant. */
public final class Likeness {

    private Likeness() {}

    /**
     * Counts the changes from one text to the other, by Levenshtein: each puts a UTF-16 unit in, leaves one out, or changes one.
     *
     * @param most more are not counted
     * @return how many changes it takes; more than {@code most} if it takes more
     */
    public static int distance(String one, String other, int most) {
        if (Math.abs(one.length() - other.length()) > most) {
            return Integer.MAX_VALUE;
        }
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] now = new int[other.length() + 1];
            now[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(changed, Math.min(before[j], now[j - 1]) + 1);
            }
            before = now;
        }
        return before[other.length()];
    }
}

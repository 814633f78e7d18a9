package io.millrace.infra.config;

import java.util.Collection;
import java.util.Comparator;

/** Finds the key that a misspelt one was most likely meant to be. */
final class NearestKey {

    private NearestKey() {}

    /** @return the key that differs in the fewest letters; the first, if there are several */
    static String of(String wrong, Collection<String> keys) {
        return keys.stream()
                .min(Comparator.comparingInt(key -> distance(wrong, key)))
                .orElseThrow();
    }

    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}

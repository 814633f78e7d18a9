package io.millrace.dispatcher.engine.store;

/** Checks of stored forms. */
public final class Versions {

    private Versions() {}

    public static void expect(int found, int known, String what) {
        if (found != known) {
            throw new IllegalStateException(
                    "expected the stored form " + known + " of " + what + ", but found " + found);
        }
    }
}

package io.millrace.dispatcher.engine.state;

/** Checks of stored forms. */
final class Versions {

    private Versions() {}

    static void expect(int found, int known, String what) {
        if (found != known) {
            throw new IllegalStateException(
                    "expected the stored form " + known + " of " + what + ", but found " + found);
        }
    }
}

package io.millrace.infra.cli;

import java.io.PrintWriter;

/**
 * A line on standard error that changes while something takes long. It is not shown if standard error is not a
 * terminal, which the launcher tells. One thread.
 */
final class ProgressLine implements AutoCloseable {

    /** Set by the launcher if standard error is a terminal. */
    private static final String TERMINAL = "millrace.terminal";

    private static final String BACK_AND_CLEAR = "\r\u001b[K";
    private static final int BAR = 30;

    private final PrintWriter err;
    private final boolean shown;

    ProgressLine(PrintWriter err) {
        this.err = err;
        this.shown = Boolean.getBoolean(TERMINAL);
    }

    /** Shows how much is done, and a few words. */
    void show(long done, long of, String words) {
        if (shown) {
            int filled = (int) (BAR * Math.min(done, of) / Math.max(1, of));
            err.print(BACK_AND_CLEAR + "[" + "#".repeat(filled) + " ".repeat(BAR - filled) + "] "
                    + 100 * Math.min(done, of) / Math.max(1, of) + " % " + words);
            err.flush();
        }
    }

    /** Removes the line. */
    @Override
    public void close() {
        if (shown) {
            err.print(BACK_AND_CLEAR);
            err.flush();
        }
    }
}

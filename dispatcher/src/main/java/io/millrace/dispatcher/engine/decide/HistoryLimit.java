package io.millrace.dispatcher.engine.decide;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.Execution;

/** How large a history may grow: SDKs read it as one message and take a larger one for an empty history. */
public final class HistoryLimit {

    /** What an entry costs besides its payload, at the most; names are limited at the front door. */
    private static final int ENTRY_BYTES = 512;

    private HistoryLimit() {}

    /** @return the limit that came with the command, or else the default */
    public static long of(Draft draft) {
        return draft.maxHistoryBytes() > 0 ? draft.maxHistoryBytes() : Rules.MAX_HISTORY_BYTES;
    }

    /** @return whether one more entry with such a payload would not fit */
    public static boolean exceeded(Execution execution, long payloadBytes, long limit) {
        return execution.historyBytes() + payloadBytes + ENTRY_BYTES > limit;
    }

    /** @return what a workflow says of itself that fails since what its new run begins with is too much for a history */
    public static String textOfNewRun(long bytes, long limit) {
        return "History limit: expected the history to stay within " + limit
                + " bytes, but that of the new run would begin with " + bytes
                + ", which are its input and the signals that were not taken";
    }

    /** @return bytes of the text as a JSON string, at the most */
    public static long bytes(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                bytes += 6;
            } else if (c == '"' || c == '\\') {
                bytes += 2;
            } else {
                bytes += c < 0x80 ? 1 : 3;
            }
        }
        return bytes;
    }

    /** @return what a workflow that fails for its long history says of itself */
    public static String text(Execution execution, long limit) {
        return "History limit: expected the history to stay within " + limit
                + " bytes, but it would have grown beyond (it has " + execution.historyBytes() + " bytes in "
                + execution.lastSequence() + " events)";
    }
}

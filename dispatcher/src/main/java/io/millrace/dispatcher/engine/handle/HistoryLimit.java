package io.millrace.dispatcher.engine.handle;

import io.millrace.dispatcher.engine.Rules;
import io.millrace.dispatcher.engine.state.Execution;

/** How large a history may grow: SDKs read it as one message and take a larger one for an empty history. */
final class HistoryLimit {

    /** What an entry costs besides its payload, at the most; names are limited at the front door. */
    private static final int ENTRY_BYTES = 512;

    private HistoryLimit() {}

    static long orDefault(long limit) {
        return limit > 0 ? limit : Rules.MAX_HISTORY_BYTES;
    }

    /** @return whether one more entry with such a payload would not fit */
    static boolean exceeded(Execution execution, long payloadBytes, long limit) {
        return execution.historyBytes() + payloadBytes + ENTRY_BYTES > orDefault(limit);
    }

    static String text(Execution execution, long limit) {
        return "History limit: expected the history to stay within " + orDefault(limit)
                + " bytes, but it would have grown beyond (it has " + execution.historyBytes() + " bytes in "
                + execution.lastSequence() + " events)";
    }
}

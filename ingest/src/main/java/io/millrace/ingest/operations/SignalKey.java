package io.millrace.ingest.operations;

import java.util.OptionalLong;

/**
 * By what a signal is known if it is sent again, as it has to be when its first answer was lost.
 *
 * @param key empty: each call is a signal of its own
 * @param ttlSeconds life of the key; empty: the usual one
 */
public record SignalKey(String key, OptionalLong ttlSeconds) {

    /** Each call is a signal. */
    public static final SignalKey NONE = new SignalKey("", OptionalLong.empty());
}

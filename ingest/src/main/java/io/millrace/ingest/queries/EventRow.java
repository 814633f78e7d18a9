package io.millrace.ingest.queries;

import com.google.protobuf.ByteString;

/**
 * One event of a history.
 *
 * @param sequence place in the history, from 1
 * @param type event type as the workers know it
 * @param data JSON object, byte for byte as on the log
 * @param timeMs when it took effect, milliseconds since the epoch
 */
public record EventRow(int sequence, String type, ByteString data, long timeMs) {}

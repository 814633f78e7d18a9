package io.millrace.ingest.queries;

import com.google.protobuf.ByteString;

/**
 * One event of an execution.
 *
 * @param sequence place in the history, from 1; 0: workers do not replay it
 * @param type event type as the workers know it
 * @param data JSON object, byte for byte as on the log
 * @param timeMs when it took effect, milliseconds since the epoch
 */
public record EventRow(int sequence, String type, ByteString data, long timeMs) {}

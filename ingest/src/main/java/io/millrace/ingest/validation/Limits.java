package io.millrace.ingest.validation;

import io.millrace.proto.Names;

/**
 * What a request may hold. Byte counts are of UTF-8 text.
 *
 * @param payloadBytes one JSON payload (input, output, value), and one error text
 * @param submissionBytes all commands of one SubmitWorkflowCommands together
 * @param nameChars names and keys: kinds, queues, signal names, idempotency keys, state keys
 * @param metadataBytes names and values of a metadata map together
 * @param metadataEntries entries of a metadata map
 * @param registrationBytes one worker registration
 * @param logMessageBytes one log message or progress text of a task; what is longer is cut
 * @param spansPerRequest spans of one ReportExecutionSpans; the rest is rejected
 * @param defaultKeyTtlSeconds life of an idempotency key where the request names none
 * @param maxKeyTtlSeconds longest life of an idempotency key
 * @param maxTaskRetries retries that a task may ask for
 */
public record Limits(
        int payloadBytes,
        int submissionBytes,
        int nameChars,
        int metadataBytes,
        int metadataEntries,
        int registrationBytes,
        int logMessageBytes,
        int spansPerRequest,
        long defaultKeyTtlSeconds,
        long maxKeyTtlSeconds,
        int maxTaskRetries) {

    /** @return the usual limits */
    public static Limits defaults() {
        return new Limits(
                1 << 20, 4 << 20, Names.MAX_CHARS, 64 << 10, 100, 1 << 20, 16 << 10, 100, 86_400, 2_592_000, 100);
    }
}

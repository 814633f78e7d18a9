package io.millrace.ingest.queries;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A workflow execution with its payloads.
 *
 * @param row what lists show of it
 * @param input JSON text; empty stands for null
 * @param output JSON text of the result; empty: none (yet), or null
 */
public record ExecutionDetail(
        ExecutionRow row,
        @Nullable ByteString input,
        @Nullable ByteString output) {}

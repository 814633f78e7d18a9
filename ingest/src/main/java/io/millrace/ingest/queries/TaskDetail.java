package io.millrace.ingest.queries;

import com.google.protobuf.ByteString;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task execution with its payloads.
 *
 * @param row what lists show of it
 * @param input JSON text; empty stands for null
 * @param output JSON text; empty: none (yet), or null
 * @param metadata metadata given at submission
 */
public record TaskDetail(
        TaskRow row, @Nullable ByteString input, @Nullable ByteString output, Map<String, String> metadata) {}

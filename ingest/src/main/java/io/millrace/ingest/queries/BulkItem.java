package io.millrace.ingest.queries;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What came of one item of a bulk job, as the audit trail has it.
 *
 * @param id of the workflow execution or the task
 * @param result DONE, REFUSED or SKIPPED: it was so already
 * @param text why it was refused, or null
 * @param newExecutionId the run that goes on from it, or null
 * @param atMs when, milliseconds since the epoch
 */
public record BulkItem(
        UUID id,
        String result,
        @Nullable String text,
        @Nullable UUID newExecutionId,
        long atMs) {}

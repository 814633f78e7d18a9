package io.millrace.ingest.audit.trail;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Whose chain of events.
 *
 * @param orgId organisation of the execution
 * @param executionId workflow execution or standalone task
 */
public record ChainKey(@Nullable UUID orgId, UUID executionId) {}

package io.millrace.ingest.audit.trail;

import java.util.UUID;

/**
 * Whose chain of events.
 *
 * @param orgId organisation of the execution
 * @param executionId workflow execution or standalone task
 */
public record ChainKey(UUID orgId, UUID executionId) {}

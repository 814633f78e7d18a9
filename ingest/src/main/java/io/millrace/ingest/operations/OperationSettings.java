package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.ApprovalSettings;
import io.millrace.ingest.validation.Limits;
import java.time.Duration;

/**
 * What configuration says of operations.
 *
 * @param limits what a request may hold
 * @param reasonRequired whether destructive requests over HTTP have to say why
 * @param approval what somebody else has to approve
 * @param stamped written into commands for the engine
 * @param taskLease how long a worker may hold a task that gives no sign of life
 */
public record OperationSettings(
        Limits limits,
        boolean reasonRequired,
        ApprovalSettings approval,
        StampedSettings stamped,
        Duration taskLease) {}

package io.millrace.ingest.operations;

import io.millrace.ingest.queries.BulkJobRow;
import java.util.UUID;

/** Which bulk job is meant. */
record BulkJobKey(UUID orgId, UUID id) {

    static BulkJobKey of(BulkJobRow row) {
        return new BulkJobKey(row.orgId(), row.id());
    }
}

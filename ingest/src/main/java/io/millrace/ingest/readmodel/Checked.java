package io.millrace.ingest.readmodel;

import io.millrace.ingest.audit.trail.Anchor;
import io.millrace.ingest.audit.trail.Asked;
import io.millrace.ingest.audit.trail.Break;
import org.jspecify.annotations.Nullable;

/**
 * A record of the events topic that was held against the log before it.
 *
 * @param asked its command; null if it cannot be read or there is none
 * @param broken why it is not believed, or null
 * @param after what the next outcome of the partition has to continue
 */
record Checked(
        Incoming record,
        @Nullable Asked asked,
        @Nullable Break broken,
        @Nullable Anchor after) {}

package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.Approvals;
import java.util.Optional;

/**
 * What came of a request to cancel something.
 *
 * @param changed whether it changed anything
 * @param pending set where nothing was done yet, since somebody else has to approve it
 */
public record Cancellation(boolean changed, Optional<Approvals.Pending> pending) {

    static Cancellation done(boolean changed) {
        return new Cancellation(changed, Optional.empty());
    }

    static Cancellation asked(Approvals.Pending pending) {
        return new Cancellation(false, Optional.of(pending));
    }
}

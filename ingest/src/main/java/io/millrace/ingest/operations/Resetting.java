package io.millrace.ingest.operations;

import io.millrace.ingest.approvals.Approvals;
import io.millrace.proto.v1.ReplyRecord;
import java.util.Optional;

/**
 * What came of a request to let a workflow go on in a new run.
 *
 * @param done the engine's answer
 * @param pending set where nothing was done yet, since somebody else has to approve it
 */
public record Resetting(Optional<ReplyRecord.WorkflowReset> done, Optional<Approvals.Pending> pending) {

    static Resetting done(ReplyRecord.WorkflowReset done) {
        return new Resetting(Optional.of(done), Optional.empty());
    }

    static Resetting asked(Approvals.Pending pending) {
        return new Resetting(Optional.empty(), Optional.of(pending));
    }
}

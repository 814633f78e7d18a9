package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.proto.v1.MacVerdict;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Optional;

/** The log of a partition that nothing is missing of, so that nobody has to go elsewhere in it. */
class WholeLog implements LogCursor {

    @Override
    public void seek(long offset) {
        throw new AssertionError("expected commands without holes, but offset " + offset + " is sought");
    }

    @Override
    public void hold(long offset) {
        throw new AssertionError("expected a partition that goes on, but it stops at offset " + offset);
    }

    @Override
    public Optional<Entry> at(long offset) {
        return Optional.empty();
    }

    @Override
    public long start() {
        return 0;
    }

    @Override
    public long end() {
        return Long.MAX_VALUE;
    }

    @Override
    public Optional<OutcomeRecord> lastOutcome() {
        return Optional.empty();
    }

    @Override
    public MacVerdict verdict(long offset) {
        throw new AssertionError(
                "expected a log that nothing is made good from, but the verdict at " + offset + " is asked for");
    }

    @Override
    public void close() {}
}

package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.LogCursor;
import io.millrace.dispatcher.partition.OutcomePlace;
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
    public void lookBehind(OutcomePlace state, boolean sealed) {
        // Nothing stands there.
    }

    @Override
    public Optional<Unseen> unseen() {
        return Optional.empty();
    }

    @Override
    public Optional<Recorded> next(OutcomePlace place) {
        throw new AssertionError("expected a log that nothing is made good from, but the outcome behind "
                + place.commandOffset() + " is asked for");
    }

    @Override
    public boolean standsBehind(OutcomePlace outcome) {
        throw new AssertionError("expected a log that nothing is made good from, but the outcome of "
                + outcome.commandOffset() + " is asked for");
    }

    @Override
    public void close() {}
}

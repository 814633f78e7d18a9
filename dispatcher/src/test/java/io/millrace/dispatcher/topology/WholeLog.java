package io.millrace.dispatcher.topology;

import io.millrace.dispatcher.partition.LogCursor;
import java.util.Optional;

/** The log of a partition that nothing is missing of, so that nobody has to go elsewhere in it. */
final class WholeLog implements LogCursor {

    @Override
    public void seek(long offset) {
        throw new AssertionError("expected commands without holes, but offset " + offset + " is sought");
    }

    @Override
    public void hold(long offset) {
        throw new AssertionError("expected a partition that goes on, but it stops at offset " + offset);
    }

    @Override
    public Optional<byte[]> at(long offset) {
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
}

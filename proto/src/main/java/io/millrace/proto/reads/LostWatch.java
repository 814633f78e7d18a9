package io.millrace.proto.reads;

import io.millrace.proto.v1.WatchStep;
import java.util.function.Consumer;

/**
 * The watch over an execution whose partition nobody serves, as far as is known here.
 *
 * @param listener hears so when it asks
 */
public record LostWatch(Consumer<WatchStep> listener) implements ExecutionWatch {

    @Override
    public void next() {
        listener.accept(MOVED);
    }

    @Override
    public void close() {}
}

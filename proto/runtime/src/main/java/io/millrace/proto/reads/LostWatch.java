package io.millrace.proto.reads;

import io.millrace.proto.v1.WatchStep;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The watch over an execution whose partition nobody serves, as far as is known here. */
public final class LostWatch implements ExecutionWatch {

    private final Consumer<WatchStep> listener;
    private final AtomicBoolean told = new AtomicBoolean();

    /** @param listener hears so when it asks */
    public LostWatch(Consumer<WatchStep> listener) {
        this.listener = listener;
    }

    @Override
    public void next() {
        if (!told.getAndSet(true)) {
            listener.accept(MOVED);
        }
    }

    @Override
    public void close() {}
}

package io.millrace.proto.reads;

import io.millrace.proto.v1.WatchStep;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A watch over an execution whose partition has no known owner. */
public final class LostWatch implements ExecutionWatch {

    private final Consumer<WatchStep> listener;
    private final AtomicBoolean told = new AtomicBoolean();

    /** @param listener hears {@link ExecutionWatch#MOVED} when it asks for a step */
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

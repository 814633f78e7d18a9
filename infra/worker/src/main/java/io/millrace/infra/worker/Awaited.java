package io.millrace.infra.worker;

import io.millrace.infra.worker.Replay.Event;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Something that ends by an event of the history. */
final class Awaited<T> implements Pending<T> {

    private final Supplier<Optional<Event>> end;
    private final String reason;
    private final Function<Event, T> result;

    /**
     * @param end gives the event, once it is there
     * @param reason told when the workflow suspends to wait for it
     * @param result makes the result from the event of a good end
     */
    Awaited(Supplier<Optional<Event>> end, String reason, Function<Event, T> result) {
        this.end = end;
        this.reason = reason;
        this.result = result;
    }

    @Override
    public boolean isReady() {
        return end.get().isPresent();
    }

    @Override
    public T await() {
        Event event = end.get().orElseThrow(() -> new SuspendSignal(reason));
        return switch (event.type()) {
            case "TASK_FAILED", "PROMISE_REJECTED", "CHILD_WORKFLOW_FAILED" ->
                throw new AwaitFailedException(event.text("error"));
            case "PROMISE_TIMEOUT" ->
                throw new AwaitFailedException(
                        "expected promise " + event.text("promiseName") + " to be settled in time, but it was not");
            case "TIMER_CANCELLED" ->
                throw new AwaitFailedException("timer " + event.text("timerId") + " was cancelled");
            default -> result.apply(event);
        };
    }
}

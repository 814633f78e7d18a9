package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Changes;
import io.millrace.dispatcher.engine.state.Execution;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.HistoryForm;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.proto.reads.ReadsUnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The only way in which other threads than the stream thread see the state of a partition: each view is of a moment between two
 * commands. Whoever sees nothing else never meets an execution that is closed and still running, or half of what a command
 * appended, or what is never to happen since the command fails.
 *
 * <p>A view is made, and made again if what it shows was changed meanwhile ({@link Changes}). That costs the stream thread two
 * writes for each thing that a command changes, and it never waits. A reader that keeps meeting changes is not left to its luck: it
 * asks the stream thread, which makes the view at its next command. So a view has to be small. Histories are none: they are made of
 * what never changes, up to a moment of which there is a view.
 *
 * <p>Any thread but for {@link #makeAwaited}.
 */
public final class Views {

    /** So often at once: a change takes some microseconds, and more where the disk is needed. */
    private static final int TRIES = 64;

    private static final long LOOK_AGAIN_MS = 1;
    /** An execution leaves once, and may come back. */
    private static final int LEAVES = 3;

    private final PartitionState state;
    private final BooleanSupplier readable;
    private final Queue<FutureTask<?>> awaited = new ConcurrentLinkedQueue<>();

    /** @param readable whether reads are answered; a reader waits no longer than that */
    Views(PartitionState state, BooleanSupplier readable) {
        this.state = state;
        this.readable = readable;
    }

    /** What was seen. */
    private record View<T extends @Nullable Object>(T seen) {}

    /**
     * A view of a workflow, with its history up to then.
     *
     * @param history ascending and without gaps
     */
    public record Story<V>(V view, List<SealedEvent> history) {}

    /**
     * Makes a view.
     *
     * @param look makes it of the state; is called again where what it saw does not belong together. So it must not change
     *     anything, nor keep what is not immutable
     * @param things what it looks at: ids of executions, tasks, promises and organisations, and {@link Changes#ofKey keys}
     * @return what it made
     * @throws StoreGate.ShutException it needs a store, or has to wait, and the calling thread must not
     * @throws ReadsUnavailableException it had to wait, and meanwhile the node has lost the partition
     */
    public <T extends @Nullable Object> T take(Function<PartitionState, T> look, UUID... things) {
        for (int i = 0; i < TRIES; i++) {
            View<T> view = tried(look, things);
            if (view != null) {
                return view.seen();
            }
            Thread.onSpinWait();
        }
        StoreGate.pass();
        return betweenCommands(look, things);
    }

    private <T extends @Nullable Object> @Nullable View<T> tried(Function<PartitionState, T> look, UUID... things) {
        Changes changes = state.changes();
        long turn = changes.turn(things);
        if (turn == Changes.UNDER_WAY) {
            return null;
        }
        try {
            View<T> view = new View<>(look.apply(state));
            return changes.noneSince(turn, things) ? view : null;
        } catch (RuntimeException e) {
            if (changes.noneSince(turn, things)) {
                throw e;
            }
            return null; // of what did not belong together
        }
    }

    /** Either commands go on, and the view is made between two of them; or none does, and nothing changes. */
    private <T extends @Nullable Object> T betweenCommands(Function<PartitionState, T> look, UUID... things) {
        FutureTask<T> wanted = new FutureTask<>(() -> look.apply(state));
        awaited.add(wanted);
        try {
            while (readable.getAsBoolean()) {
                try {
                    return wanted.get(LOOK_AGAIN_MS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException stillWaiting) {
                    View<T> view = tried(look, things);
                    if (view != null) {
                        return view.seen();
                    }
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            awaited.remove(wanted);
        }
        throw new ReadsUnavailableException(
                "expected a moment between two commands to read in, but the partition is moving");
    }

    /** Makes the views that wait for a moment between two commands. There is at most one for each thread that waits. Stream thread. */
    void makeAwaited() {
        for (FutureTask<?> next = awaited.poll(); next != null; next = awaited.poll()) {
            next.run();
        }
    }

    /** @return whether a reader waits for a moment between two commands */
    public boolean isAwaited() {
        return !awaited.isEmpty();
    }

    /**
     * Makes a view of a workflow, and reads its history up to that moment.
     *
     * @param look makes the view, as in {@link #take}; nothing where there is no workflow that is meant
     * @param standing how the workflow stands in that view
     * @param after sequence behind which the history is wanted
     * @param things what it looks at; first the workflow
     * @throws DamagedRecordException the store lacks events that the workflow has
     */
    public <V> Optional<Story<V>> story(
            Function<PartitionState, Optional<V>> look, Function<V, Execution> standing, int after, UUID... things) {
        for (int left = LEAVES; ; left--) {
            Optional<V> view = take(look, things);
            if (view.isEmpty()) {
                return Optional.empty();
            }
            Execution then = standing.apply(view.get());
            List<SealedEvent> history = state.history(then, after);
            if (history.size() == Math.max(0, then.lastSequence() - after)) {
                return Optional.of(new Story<>(view.get(), history));
            }
            if (left == 1) {
                return DamagedRecordException.guard(Table.HISTORY, HistoryForm.prefix(then.id()), () -> {
                    throw new IllegalStateException("expected all events from " + (after + 1) + " to "
                            + then.lastSequence() + ", but only " + history.size() + " are there without a gap");
                });
            }
        }
    }
}

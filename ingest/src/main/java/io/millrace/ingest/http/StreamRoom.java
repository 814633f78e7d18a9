package io.millrace.ingest.http;

import io.millrace.ingest.limits.Turnstile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Room in memory for what one event stream writes, among the answers of its organisation that are not taken yet. {@link #ofStep} on any
 * thread, all else on that of the stream.
 */
final class StreamRoom implements AutoCloseable {

    /** As much as steps and histories take while they are written, but for the largest. */
    private static final long ROOM_BYTES = 8 << 20;

    /** What is written is there several times meanwhile: as it came, as JSON, as text and as bytes. */
    private static final int COPIES = 4;

    private static final long LONGEST_WAIT_S = 10;

    private final Runnable come;
    /** Where steps pass, and what tasks stream out: none of the two waits for the other. */
    private final Turnstile.Lane steps;

    private final Turnstile.Lane items;
    /** Room that is there for what comes next. */
    private final AtomicReference<Turnstile.@Nullable Ticket> reserved = new AtomicReference<>();

    private Turnstile.@Nullable Ticket awaited;

    /** @param come runs once room has come that was awaited, on any thread */
    StreamRoom(OpenStreams open, Runnable come) {
        this.come = come;
        steps = open.answers();
        items = open.answers();
    }

    /** @return room for a step of so many bytes, to be left when it is written; does not wait; null: there is none */
    Turnstile.@Nullable Ticket ofStep(long bytes) {
        Turnstile.Ticket kept = reserved.getAndSet(null);
        if (kept != null) {
            return kept;
        }
        Turnstile.Ticket room = steps.ticket(COPIES * bytes, () -> {});
        return room.enterNow() ? room : null;
    }

    /** @return room for a history, to be left when it is written; does not wait; null: there is none */
    Turnstile.@Nullable Ticket ofHistory() {
        return ofStep(ROOM_BYTES / COPIES);
    }

    /** Asks for room, without waiting for it. Those that have waited longer have their turn before. */
    void await() {
        awaited = steps.ticket(ROOM_BYTES, come);
        awaited.enter();
    }

    /** What was awaited is there: the next step or history has it. */
    void hasCome() {
        reserved.set(awaited);
    }

    /**
     * Waits for room.
     *
     * @return room for an item of so many bytes, to be left when it is written
     * @throws IOException if there was none in time
     */
    Turnstile.Ticket ofItem(long bytes) throws IOException {
        CompletableFuture<Void> passed = new CompletableFuture<>();
        Turnstile.Ticket room = items.ticket(COPIES * bytes, () -> passed.complete(null));
        room.enter();
        try {
            passed.get(LONGEST_WAIT_S, TimeUnit.SECONDS);
            return room;
        } catch (TimeoutException | ExecutionException e) {
            room.leave();
            throw new IOException("expected room for what is streamed, but for " + LONGEST_WAIT_S
                    + " s answers of its organisation that are not taken left none");
        } catch (InterruptedException e) {
            room.leave();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("expected room for what is streamed, but the server stops");
        }
    }

    /** Gives back what was awaited, whether it has come or not. */
    @Override
    public void close() {
        if (awaited != null) {
            awaited.leave();
        }
    }
}

package io.millrace.ingest.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stream of server-sent events that says when lists have changed, and not what has: whoever shows one asks for it again. So it costs as
 * much whatever happens, and tells nothing that its reader might not see. It begins with such an event unless its reader has seen all of
 * it, and goes on until the reader leaves, or may read no more: then a last event of the type Unauthenticated says why.
 */
final class ChangeStream implements HttpReply.Stream {

    private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final OpenStreams open;
    private final ListChanges changes;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile @Nullable String refused;
    private String seen;

    /**
     * @param open where it has entered, and leaves when it is closed
     * @param seen id of the last event that its reader has; empty: none
     */
    ChangeStream(OpenStreams open, ListChanges changes, String seen) {
        this.open = open;
        this.changes = changes;
        this.seen = seen;
    }

    /** @throws IOException if the client leaves, or the server stops: then the answer is not to look whole */
    @Override
    public void write(OutputStream body) throws IOException {
        EventWriter out = new EventWriter(body, () -> false);
        out.comment("open");
        try {
            do {
                tell(out);
            } while (!over.await(ListChanges.LOOK_MS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(
                    "expected to tell of changes until the reader leaves, but the server stops");
        }
        String why = refused;
        if (why != null) {
            event(
                    out,
                    Json.object(json -> json.text("type", "Unauthenticated").text("message", why))
                            .toString(StandardCharsets.UTF_8));
        }
    }

    private void tell(EventWriter out) throws IOException, InterruptedException {
        OptionalLong now = changes.look();
        String id = now.isPresent() ? changes.id(now.getAsLong()) : seen;
        if (!id.equals(seen)) {
            seen = id;
            event(out, "{\"type\":\"Changed\"}");
        } else if (System.nanoTime() - out.lastWriteNanos() >= KEEP_ALIVE_NANOS) {
            out.comment("still here");
        }
    }

    private void event(EventWriter out, String data) throws IOException {
        out.event(seen, "data", data);
        out.flush();
    }

    @Override
    public void end(String why) {
        refused = why;
        over.countDown();
    }

    @Override
    public void close() {
        open.leave();
    }
}

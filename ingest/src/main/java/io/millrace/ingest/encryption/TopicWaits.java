package io.millrace.ingest.encryption;

import io.millrace.proto.UnavailableException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Who wait until the topic of data keys has been read so far. Any thread. */
final class TopicWaits {

    private final Duration patience;

    /** Who wait until a place of the topic has been read. */
    private final Queue<Reader> readers = new ConcurrentLinkedQueue<>();

    private record Reader(long offset, CompletableFuture<Void> done) {}

    /** Who wait until all has been read that there was when they asked. */
    private final Queue<Asker> askers = new ConcurrentLinkedQueue<>();

    private record Asker(long sinceNanos, CompletableFuture<Void> done) {}

    /** @param patience how long one waits at the most */
    TopicWaits(Duration patience) {
        this.patience = patience;
    }

    /** @return completes once all has been read that stood there when this was called */
    CompletableFuture<Void> forTheEnd() {
        Asker asker = new Asker(System.nanoTime(), new CompletableFuture<>());
        askers.add(asker);
        return asker.done()
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, late) -> askers.remove(asker))
                .exceptionallyCompose(late -> CompletableFuture.failedFuture(new UnavailableException(
                        "expected to read the topic of data keys to its end within " + patience.toMillis()
                                + " ms, but it was not read",
                        late)));
    }

    /** @return completes once what stands at the place, and all before it, has been read */
    CompletableFuture<Void> forPlace(long offset) {
        Reader reader = new Reader(offset, new CompletableFuture<>());
        readers.add(reader);
        return reader.done()
                .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, late) -> readers.remove(reader))
                .exceptionallyCompose(late -> CompletableFuture.failedFuture(new UnavailableException(
                        "expected to read, within " + patience.toMillis()
                                + " ms, what this node wrote to the topic of data keys, but it was not read",
                        late)));
    }

    boolean anyForAPlace() {
        return !readers.isEmpty();
    }

    boolean anyForTheEnd() {
        return !askers.isEmpty();
    }

    /** @param next the place that is read next; asked for only if somebody waits */
    void reached(LongSupplier next) {
        if (readers.isEmpty()) {
            return;
        }
        long place = next.getAsLong();
        for (Reader reader : readers) {
            if (place > reader.offset()) {
                reader.done().complete(null);
            }
        }
    }

    /** @param asOfNanos all has been read that stood there at this time, of {@link System#nanoTime} */
    void upToDate(long asOfNanos) {
        for (Asker asker : askers) {
            if (asOfNanos - asker.sinceNanos() >= 0) {
                asker.done().complete(null);
            }
        }
    }
}

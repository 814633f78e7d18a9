package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.encryption.Decryption;
import io.millrace.ingest.http.Lifecycle.Happening;
import io.millrace.ingest.limits.Turnstile;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.streams.StreamItem;
import io.millrace.ingest.streams.TaskStreams;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.UnavailableException;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.TaskStreamRecord;
import io.millrace.proto.v1.WatchStep;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One stream of server-sent events: what tasks stream out and what happens to the execution, each as it comes. Ends when the
 * execution does, or with the event that the client waits for. Every event's id holds both positions, so that a client who was cut off goes on where it was; what is not
 * kept for so long is told by an event of the type Gap. While nobody serves the execution's partition the stream stays open,
 * and goes on with its new owner. Where the key of its reader is in force no more, a last event of the type Unauthenticated
 * says why.
 *
 * <p>What is being written counts among the answers of the organisation that are not taken yet. What comes when there is no room
 * for it is not kept: the stream asks for it again later.
 */
final class EventStream implements HttpReply.Stream {

    /** What may wait for a client, and one item more: twice what is kept of an execution, which comes all at once. */
    private static final long MAX_WAITING_BYTES = 2 << 20;

    private static final int SMALL_BYTES = 16 << 10;

    private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(15);
    /** What a task streams out may come after its end: so long is waited for it. */
    private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final String TASK_SCHEDULED = "TASK_SCHEDULED";

    private static final long NEVER_NANOS = TimeUnit.DAYS.toNanos(365);
    private static final long MIN_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MAX_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final OpenStreams open;
    private final TaskStreams streams;
    private final Reads reads;
    private final Decryption decryption;
    private final Lifecycle lifecycle;
    private final Source source;
    private final StreamRoom room;
    private final BlockingQueue<Signal> waiting = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private volatile boolean overrun;
    private volatile boolean closed;
    /** Why its reader may read no more; null: it may. */
    private volatile @Nullable String refused;

    private Position position;
    /** Type of the event that is the last one wanted, null where all are. */
    private final @Nullable String until;

    private @Nullable ExecutionWatch watch;
    private boolean ended;
    /** The last event that is wanted was written. */
    private boolean reached;
    /** Whether there may be tasks that stream something out. Where there are none, the stream is over at once with its execution. */
    private boolean tasks;

    private long retryNanos = MIN_RETRY_NANOS;
    private long watchAtNanos;

    /**
     * @param open where it has entered, and leaves when it is closed
     * @param streams where items come from
     * @param reads where the execution is watched
     * @param decryption puts plain text into what is written
     * @param lifecycle what is watched of it
     * @param position what the client has seen already
     * @param until type of the event with which it ends, null: it ends when the execution does
     */
    EventStream(
            OpenStreams open,
            TaskStreams streams,
            Reads reads,
            Decryption decryption,
            Lifecycle lifecycle,
            Source source,
            Position position,
            @Nullable String until) {
        this.open = open;
        room = new StreamRoom(open, () -> waiting.add(new Signal.Room()));
        this.streams = streams;
        this.reads = reads;
        this.decryption = decryption;
        this.lifecycle = lifecycle;
        this.source = source;
        this.position = position;
        this.until = until;
        // What the client has seen already is not told again.
        tasks = source.onlyTask() != null || position.event() > 0;
    }

    /**
     * Where items come from.
     *
     * @param executionId workflow execution, or a standalone task
     * @param onlyTask items of this task only; null: of all
     */
    record Source(UUID orgId, UUID executionId, @Nullable UUID onlyTask) {

        boolean has(StreamItem item) {
            return onlyTask == null || Ids.fromBytes(item.record().getTaskId()).equals(onlyTask);
        }
    }

    /** What there is to write next. */
    private sealed interface Signal {
        record Item(StreamItem item) implements Signal {}

        record Gap(long upTo) implements Signal {}

        /** @param room to be left when it is written; null: it is small */
        record Step(WatchStep step, Turnstile.@Nullable Ticket room) implements Signal {}

        /** There was no room for a step. */
        record NoRoom() implements Signal {}

        /** There is room for one now. */
        record Room() implements Signal {}

        /** Its reader may read no more. */
        record Refused() implements Signal {}
    }

    /**
     * How far a client has come.
     *
     * @param item position of the last stream item, -1: none, {@link TaskStreams#NEWCOMER}: it has not been here before
     * @param event number of the last lifecycle event, 0: none
     */
    record Position(long item, int event) {

        static final Position START = new Position(TaskStreams.NEWCOMER, 0);

        /** @return the position that the header names, the start where there is none or it is not ours */
        static Position parse(@Nullable String lastEventId) {
            if (lastEventId == null || !lastEventId.matches("(-1|\\d{1,18})\\.\\d{1,9}")) {
                return START;
            }
            int split = lastEventId.indexOf('.');
            return new Position(
                    Long.parseLong(lastEventId.substring(0, split)),
                    Integer.parseInt(lastEventId.substring(split + 1)));
        }

        String text() {
            return Math.max(-1, item) + "." + event;
        }
    }

    /**
     * Writes until the execution ends.
     *
     * @throws IOException if the client leaves or is too slow, or the server stops: then the answer is not to look whole
     */
    @Override
    public void write(OutputStream body) throws IOException {
        EventWriter out = new EventWriter(body, () -> overrun);
        try (TaskStreams.Subscription subscription =
                streams.subscribe(source.orgId(), source.executionId(), position.item(), new Inbox())) {
            out.comment("open");
            watch();
            boolean more = true;
            while (more && !overrun && !reached) {
                more = turn(out);
            }
            if (overrun) {
                throw new IOException("expected the client to keep up, but it is too slow");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("expected to stream to the end of the execution, but the server stops");
        }
    }

    @Override
    public void end(String why) {
        refused = why;
        waiting.add(new Signal.Refused());
    }

    /**
     * Waits for something to write, to do again, or to keep the connection alive with.
     *
     * @return whether there may be more
     */
    private boolean turn(EventWriter out) throws IOException, InterruptedException {
        String why = refused;
        if (why != null) {
            data(out, Json.object(json -> json.text("type", "Unauthenticated").text("message", why)));
            out.flush();
            return false;
        }
        Signal signal = waiting.poll(patienceNanos(out), TimeUnit.NANOSECONDS);
        if (signal == null && ended) {
            return false;
        }
        if (signal == null && System.nanoTime() - out.lastWriteNanos() >= KEEP_ALIVE_NANOS) {
            out.comment("still here");
        }
        if (signal != null) {
            while (signal != null) {
                write(out, signal);
                signal = reached || refused != null ? null : waiting.poll();
            }
            out.flush();
        }
        if (watch == null && !ended && System.nanoTime() - watchAtNanos >= 0) {
            watch();
        }
        return true;
    }

    private long patienceNanos(EventWriter out) {
        if (ended) {
            return tasks ? LINGER_NANOS : 0;
        }
        long keepAliveAtNanos = out.lastWriteNanos() + KEEP_ALIVE_NANOS;
        long now = System.nanoTime();
        return watch == null ? Math.min(keepAliveAtNanos - now, watchAtNanos - now) : keepAliveAtNanos - now;
    }

    private void watch() {
        watch = reads.watch(lifecycle.watch(position.event()), this::told);
        watch.next();
    }

    /** On whatever thread tells, which does not wait. */
    private void told(WatchStep step) {
        int bytes = step.getSerializedSize();
        if (bytes <= SMALL_BYTES) {
            waiting.add(new Signal.Step(step, null));
            return;
        }
        Turnstile.Ticket taken = room.ofStep(bytes);
        waiting.add(taken == null ? new Signal.NoRoom() : new Signal.Step(step, taken));
        if (closed && taken != null) {
            taken.leave(); // nobody will write it
        }
    }

    /** Asks again once there is room: those that have waited for it longer have their turn before. */
    private void watchWithRoom() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
        watchAtNanos = System.nanoTime() + NEVER_NANOS;
        room.await();
    }

    private void write(EventWriter out, Signal signal) throws IOException {
        switch (signal) {
            case Signal.Item(StreamItem item) -> write(out, item);
            case Signal.Gap(long upTo) -> {
                position = new Position(upTo, position.event());
                data(out, Json.object(json -> json.text("type", "Gap").number("upTo", upTo)));
            }
            case Signal.Step(WatchStep step, Turnstile.Ticket taken) -> {
                try {
                    tasks |= step.getEventsList().stream()
                            .anyMatch(event -> event.getType().equals(TASK_SCHEDULED));
                    write(out, lifecycle.in(step, position.event()));
                } finally {
                    if (taken != null) {
                        taken.leave();
                    }
                }
                after(out, step.getEnd());
            }
            case Signal.NoRoom none -> watchWithRoom();
            case Signal.Room there -> {
                room.hasCome();
                watch();
            }
            case Signal.Refused over -> {} // the next turn says so
        }
    }

    private void after(EventWriter out, WatchStep.End end) throws IOException {
        switch (end) {
            case OPEN -> {
                retryNanos = MIN_RETRY_NANOS;
                Objects.requireNonNull(watch, "watch of a stream that is open").next();
            }
            case ENDED -> ended = true;
            case UNKNOWN -> writePast(out);
            case MOVED, UNRECOGNIZED -> watchLater();
        }
    }

    /**
     * The execution ended long ago, and is known to the read model alone. Or, after a crash, its new owner has not come to
     * its start again, or has come to it meanwhile: then it is watched again.
     */
    private void writePast(EventWriter out) throws IOException {
        Turnstile.Ticket taken = room.ofHistory();
        if (taken == null) {
            watchWithRoom();
            return;
        }
        Turnstile.Ticket place = open.histories().ticket(1, () -> {});
        try {
            if (!place.enterNow()) {
                watchLater();
                return;
            }
            Optional<List<Happening>> past = lifecycle.past(position.event());
            place.leave(); // others may read while this one is written
            if (past.isPresent()) {
                write(out, past.get());
                ended = true;
                tasks = true; // perhaps, and what they streamed out may be kept still
            } else {
                watchLater();
            }
        } catch (RuntimeException e) {
            Throwable cause = Failures.cause(e);
            // It has been found before.
            boolean unknownYet = cause instanceof RefusedException;
            if (!unknownYet
                    && !(cause instanceof ReadsUnavailableException)
                    && !(cause instanceof QueriesUnavailableException)) {
                throw e;
            }
            watchLater();
        } finally {
            place.leave();
            taken.leave();
        }
    }

    /** With jitter, so that the watchers of a partition that moved do not come back all at once. */
    private void watchLater() {
        watch = null;
        watchAtNanos = System.nanoTime() + ThreadLocalRandom.current().nextLong(retryNanos / 2, retryNanos);
        retryNanos = Math.min(MAX_RETRY_NANOS, retryNanos * 2);
    }

    private void write(EventWriter out, List<Happening> happenings) throws IOException {
        for (Happening happening : happenings) {
            position = new Position(position.item(), happening.position());
            data(out, plain(happening.json()));
            if (happening.type().equals(until)) {
                reached = true;
                return;
            }
        }
    }

    private void data(EventWriter out, ByteString json) throws IOException {
        out.event(position.text(), "data", json.toString(StandardCharsets.UTF_8));
    }

    private void write(EventWriter out, StreamItem item) throws IOException {
        waitingBytes.addAndGet(-item.record().getSerializedSize());
        Turnstile.Ticket taken = room.ofItem(item.record().getSerializedSize());
        try {
            writeNow(out, item);
        } finally {
            taken.leave();
        }
    }

    private void writeNow(EventWriter out, StreamItem item) throws IOException {
        TaskStreamRecord record = plain(item.record());
        position = new Position(item.position(), position.event());
        String name = switch (record.getType()) {
            case STREAM_EVENT_TYPE_TOKEN -> "token";
            case STREAM_EVENT_TYPE_PROGRESS -> "progress";
            case STREAM_EVENT_TYPE_ERROR -> "error";
            case STREAM_EVENT_TYPE_DATA, STREAM_EVENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> "data";
        };
        out.event(
                position.text(),
                name,
                source.onlyTask() == null ? StreamPayload.withSource(record) : record.getPayload());
    }

    private TaskStreamRecord plain(TaskStreamRecord record) throws IOException {
        return decryption.concerns(source.orgId())
                ? record.toBuilder()
                        .setPayloadBytes(plain(record.getPayloadBytes()))
                        .build()
                : record;
    }

    /** The thread is the stream's own, and may wait. */
    private ByteString plain(ByteString json) throws IOException {
        try {
            return decryption.shown(source.orgId(), json).join();
        } catch (CompletionException e) {
            if (Failures.cause(e) instanceof UnavailableException) {
                throw new IOException("expected to decrypt what is streamed, but no key for it can be had", e);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        closed = true;
        room.close();
        forgetWaiting();
        open.leave();
    }

    private void forgetWaiting() {
        for (Signal signal = waiting.poll(); signal != null; signal = waiting.poll()) {
            Turnstile.Ticket taken = signal instanceof Signal.Step told ? told.room() : null;
            if (taken != null) {
                taken.leave();
            }
        }
    }

    /** A client too slow for what comes is cut off rather than buffered for; it may come back to where it was. */
    private final class Inbox implements TaskStreams.Listener {

        @Override
        public boolean item(StreamItem item) {
            if (source.has(item)) {
                if (waitingBytes.get() > MAX_WAITING_BYTES) {
                    overrun = true;
                    forgetWaiting();
                    return false;
                }
                waitingBytes.addAndGet(item.record().getSerializedSize());
                waiting.add(new Signal.Item(item));
            }
            return true;
        }

        @Override
        public void gap(long upTo) {
            waiting.add(new Signal.Gap(upTo));
        }
    }
}

package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.streams.StreamItem;
import io.millrace.ingest.streams.TaskStreams;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One stream of server-sent events: what tasks stream out as it comes, and what happens to the execution, looked up at
 * short intervals while the stream is open. Ends when the execution does. Every event's id holds both positions, so that a
 * client who was cut off goes on where it was, as far back as items are kept.
 */
final class EventStream implements HttpReply.Stream {

    /** What may wait for a client, and one item more: twice what is kept of an execution, which comes all at once. */
    private static final long MAX_WAITING_BYTES = 2 << 20;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final OpenStreams open;
    private final TaskStreams streams;
    private final Lifecycle lifecycle;
    private final Caller caller;
    private final UUID executionId;
    private final UUID onlyTask;
    private final BlockingQueue<StreamItem> waiting = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private volatile boolean overrun;
    private Position position;

    /**
     * @param open where it has entered, and leaves when it is closed
     * @param streams where items come from
     * @param lifecycle what happens to the execution
     * @param caller whose execution it is
     * @param executionId the execution
     * @param onlyTask items of this task only; null: of all
     * @param position what the client has seen already
     */
    EventStream(
            OpenStreams open,
            TaskStreams streams,
            Lifecycle lifecycle,
            Caller caller,
            UUID executionId,
            UUID onlyTask,
            Position position) {
        this.open = open;
        this.streams = streams;
        this.lifecycle = lifecycle;
        this.caller = caller;
        this.executionId = executionId;
        this.onlyTask = onlyTask;
        this.position = position;
    }

    /** What happens to an execution, apart from what its tasks stream out. */
    interface Lifecycle {

        /** @return what happened after the position, as {@code data} events; may wait for the answer */
        Step after(int seen);

        /**
         * @param events JSON objects of the events
         * @param seen position after them; that of each is one more than that of the one before
         * @param ended whether there is nothing more to come
         */
        record Step(List<ByteString> events, int seen, boolean ended) {}
    }

    /**
     * How far a client has come.
     *
     * @param item position of the last stream item, -1: none
     * @param event number of the last lifecycle event, 0: none
     */
    record Position(long item, int event) {

        static final Position START = new Position(-1, 0);

        /** @return the position that the header names, the start where there is none or it is not ours */
        static Position parse(String lastEventId) {
            if (lastEventId == null || !lastEventId.matches("-?\\d{1,18}\\.\\d{1,9}")) {
                return START;
            }
            int split = lastEventId.indexOf('.');
            return new Position(
                    Long.parseLong(lastEventId.substring(0, split)),
                    Integer.parseInt(lastEventId.substring(split + 1)));
        }

        String text() {
            return item + "." + event;
        }
    }

    /** Writes until the execution ends, the client leaves or is too slow, or the server stops. */
    @Override
    public void write(OutputStream body) throws IOException {
        try (EventWriter out = new EventWriter(body, () -> overrun)) {
            open.watch(out);
            try (TaskStreams.Subscription subscription =
                    streams.subscribe(caller.orgId(), executionId, position.item(), this::offer)) {
                write(out);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                open.forget(out);
            }
        }
    }

    private void write(EventWriter out) throws IOException, InterruptedException {
        out.comment("open");
        long nextLook = System.nanoTime();
        boolean ending = false;
        while (!overrun) {
            StreamItem item = waiting.poll(LOOK_NANOS, TimeUnit.NANOSECONDS);
            boolean wrote = item != null;
            while (item != null) {
                write(out, item);
                item = waiting.poll();
            }
            if (ending && !wrote) {
                return;
            }
            if (System.nanoTime() - nextLook >= 0) {
                Lifecycle.Step step = lifecycle.after(position.event());
                int seen = step.seen() - step.events().size();
                for (ByteString event : step.events()) {
                    position = new Position(position.item(), ++seen);
                    out.event(position.text(), "data", event.toString(StandardCharsets.UTF_8));
                    wrote = true;
                }
                // What a task streams out may come after its end: one more quiet round is waited for it.
                ending = step.ended();
                nextLook = System.nanoTime() + LOOK_NANOS;
            }
            if (wrote) {
                out.flush();
            } else if (System.nanoTime() - out.lastWriteNanos() > KEEP_ALIVE_NANOS) {
                out.comment("still here");
            }
        }
    }

    /** A client too slow for what comes is cut off rather than buffered for; it may come back to where it was. */
    private boolean offer(StreamItem item) {
        boolean wanted = onlyTask == null
                || Ids.fromBytes(item.record().getTaskId()).equals(onlyTask);
        if (wanted && waitingBytes.get() > MAX_WAITING_BYTES) {
            overrun = true;
            waiting.clear();
        } else if (wanted) {
            waitingBytes.addAndGet(item.record().getSerializedSize());
            waiting.add(item);
        }
        return !overrun;
    }

    private void write(EventWriter out, StreamItem item) throws IOException {
        waitingBytes.addAndGet(-item.record().getSerializedSize());
        position = new Position(item.position(), position.event());
        String name =
                switch (item.record().getType()) {
                    case STREAM_EVENT_TYPE_TOKEN -> "token";
                    case STREAM_EVENT_TYPE_PROGRESS -> "progress";
                    case STREAM_EVENT_TYPE_ERROR -> "error";
                    case STREAM_EVENT_TYPE_DATA, STREAM_EVENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> "data";
                };
        out.event(position.text(), name, item.record().getPayload());
    }

    @Override
    public void close() {
        open.leave();
    }
}

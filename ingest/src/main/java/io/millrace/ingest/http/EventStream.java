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
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One stream of server-sent events: what tasks stream out as it comes, and what happens to the execution, looked up at
 * short intervals while the stream is open. Ends when the execution does. Every event's id holds both positions, so that a
 * client who was cut off goes on where it was.
 */
final class EventStream {

    private static final int WAITING = 2_000;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final TaskStreams streams;
    private final Lifecycle lifecycle;
    private final UUID onlyTask;
    private final BlockingQueue<StreamItem> waiting = new ArrayBlockingQueue<>(WAITING);
    private final AtomicBoolean overrun = new AtomicBoolean();
    private Position position;

    /**
     * @param streams where items come from
     * @param lifecycle what happens to the execution
     * @param onlyTask items of this task only; null: of all
     * @param position what the client has seen already
     */
    EventStream(TaskStreams streams, Lifecycle lifecycle, UUID onlyTask, Position position) {
        this.streams = streams;
        this.lifecycle = lifecycle;
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

    /** Writes until the execution ends, the client leaves or the server stops. */
    void write(Caller caller, UUID executionId, OutputStream out) throws IOException {
        try (TaskStreams.Subscription subscription =
                streams.subscribe(caller.orgId(), executionId, position.item(), this::offer)) {
            comment(out, "open");
            long lastWrite = System.nanoTime();
            long nextLook = lastWrite;
            boolean ending = false;
            while (!overrun.get()) {
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
                        event(out, "data", event.toString(StandardCharsets.UTF_8));
                        wrote = true;
                    }
                    // What a task streams out may come after its end: one more quiet round is waited for it.
                    ending = step.ended();
                    nextLook = System.nanoTime() + LOOK_NANOS;
                }
                if (wrote) {
                    out.flush();
                    lastWrite = System.nanoTime();
                } else if (System.nanoTime() - lastWrite > KEEP_ALIVE_NANOS) {
                    comment(out, "still here");
                    lastWrite = System.nanoTime();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A client too slow for what comes is cut off rather than buffered for; it may come back to where it was. */
    private void offer(StreamItem item) {
        boolean wanted = onlyTask == null
                || Ids.fromBytes(item.record().getTaskId()).equals(onlyTask);
        if (wanted && !waiting.offer(item)) {
            overrun.set(true);
        }
    }

    private void write(OutputStream out, StreamItem item) throws IOException {
        position = new Position(item.position(), position.event());
        String name =
                switch (item.record().getType()) {
                    case STREAM_EVENT_TYPE_TOKEN -> "token";
                    case STREAM_EVENT_TYPE_PROGRESS -> "progress";
                    case STREAM_EVENT_TYPE_ERROR -> "error";
                    case STREAM_EVENT_TYPE_DATA, STREAM_EVENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> "data";
                };
        event(out, name, item.record().getPayload());
    }

    private void event(OutputStream out, String name, String data) throws IOException {
        StringBuilder text = new StringBuilder("id: ").append(position.text()).append("\nevent: ").append(name);
        // JSON may hold line breaks between its tokens. These three end a line of the stream, and no others do: U+2028 and
        // its like may stand inside a text of JSON, where a line break would not be JSON.
        for (String line : data.split("\r\n|\r|\n", -1)) {
            text.append("\ndata: ").append(line);
        }
        out.write(text.append("\n\n").toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void comment(OutputStream out, String text) throws IOException {
        out.write((": " + text + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}

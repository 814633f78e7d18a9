package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Holder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.dispatcher.engine.event.Status;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Versions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A task execution as it stands. Changed by appliers only, on the partition's thread; other threads may read it by the order of
 * {@link Changes}, and see a state no older than the last answer given. Times are milliseconds.
 */
public final class Task {

    /** A line of the task's log. */
    public record LogLine(String level, String message, long timeMs) {

        /** @return what a line counts for in the size of its log: bytes of its texts, and of what stands around them */
        public static long bytes(String level, String message) {
            return PER_LINE_BYTES
                    + level.getBytes(StandardCharsets.UTF_8).length
                    + message.getBytes(StandardCharsets.UTF_8).length;
        }

        byte[] encode() {
            return Bytes.writer().u8(1).text(level).text(message).i64(timeMs).finish();
        }

        static LogLine decode(byte[] bytes) {
            Bytes in = Bytes.reader(bytes);
            Versions.expect(in.u8(), 1, "line of a task's log");
            return read(in);
        }

        private static LogLine read(Bytes in) {
            return new LogLine(in.text(), in.text(), in.i64());
        }
    }

    private static final long PER_LINE_BYTES = 32;
    private static final int BYTES_OF_TASK = 1_000;

    final UUID id;
    final UUID executionId;
    final String kind;
    final String queue;
    final Payload input;
    final Map<String, String> metadata;
    final int maxRetries;
    final long timeoutMs;
    final long createdMs;
    final long orderMs;

    volatile Status status = Status.PENDING;
    volatile int attempt;

    @Nullable
    UUID claimId;

    volatile String workerId = "";
    /** Who alone may report it, or might last; null: anybody. */
    volatile @Nullable Holder holder;

    long leaseMs;
    long leaseUntilMs;
    /** Length of the lease as the server moved it; 0: it did not; negative: it only let the lease go on for so long. */
    long graceMs;

    /** Whether its worker has been heard of since it was handed out. */
    boolean gaveSign;

    /** Attempts that were made before it got them back. */
    int attemptsBefore;
    /** Since when its time counts: it got that back, or was to begin later; 0: since its creation. */
    long countsFromMs;

    volatile long startedMs;
    volatile long completedMs;
    volatile @Nullable Payload output;
    volatile @Nullable String error;

    @Nullable
    String refusal;

    volatile double progress;
    volatile String progressDetails = "";
    long readyAtMs;

    @Nullable
    ReadyItem readyItem;

    long readySinceMs;
    final Map<String, Payload> state = new ConcurrentSkipListMap<>();
    final List<LogLine> log = new CopyOnWriteArrayList<>();
    long logBytes;

    /** Bookkeeping of the write-behind, not state: how many lines of the log are stored. */
    int storedLines;

    Task(
            UUID id,
            UUID executionId,
            String kind,
            String queue,
            Payload input,
            Map<String, String> metadata,
            int maxRetries,
            long timeoutMs,
            long createdMs,
            long orderMs) {
        this.id = id;
        this.executionId = executionId;
        this.kind = kind;
        this.queue = queue;
        this.input = input;
        this.metadata = metadata;
        this.maxRetries = maxRetries;
        this.timeoutMs = timeoutMs;
        this.createdMs = createdMs;
        this.orderMs = orderMs;
    }

    /** @return how it stands, for readers: a copy without its own state and its log */
    Task standing() {
        Task copy = new Task(id, executionId, kind, queue, input, metadata, maxRetries, timeoutMs, createdMs, orderMs);
        copy.status = status;
        copy.attempt = attempt;
        copy.claimId = claimId;
        copy.workerId = workerId;
        copy.holder = holder;
        copy.leaseMs = leaseMs;
        copy.leaseUntilMs = leaseUntilMs;
        copy.graceMs = graceMs;
        copy.gaveSign = gaveSign;
        copy.attemptsBefore = attemptsBefore;
        copy.countsFromMs = countsFromMs;
        copy.startedMs = startedMs;
        copy.completedMs = completedMs;
        copy.output = output;
        copy.error = error;
        copy.refusal = refusal;
        copy.progress = progress;
        copy.progressDetails = progressDetails;
        copy.readyAtMs = readyAtMs;
        copy.readyItem = readyItem;
        copy.readySinceMs = readySinceMs;
        return copy;
    }

    /** @return what it takes in memory, about, bytes */
    long memoryBytes() {
        long bytes = BYTES_OF_TASK + input.size() + (output == null ? 0 : output.size()) + logBytes;
        for (Payload value : state.values()) {
            bytes += value.size();
        }
        return bytes;
    }

    /** @return its id */
    public UUID id() {
        return id;
    }

    /** @return the workflow execution, or its own id for a standalone task */
    public UUID executionId() {
        return executionId;
    }

    /** @return its kind */
    public String kind() {
        return kind;
    }

    /** @return its queue */
    public String queue() {
        return queue;
    }

    /** @return what it was given */
    public Payload input() {
        return input;
    }

    /** @return texts of its creator's */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** @return how many more attempts follow a failed first one */
    public int maxRetries() {
        return maxRetries;
    }

    /** @return time that all attempts together have, 0: any */
    public long timeoutMs() {
        return timeoutMs;
    }

    /** @return creation time */
    public long createdMs() {
        return createdMs;
    }

    /** @return when its time is over for good, 0: never. What holds it back before it may begin for the first time does not count */
    public long deadlineMs() {
        return timeoutMs > 0 ? (countsFromMs > 0 ? countsFromMs : createdMs) + timeoutMs : 0;
    }

    /** @return where it stands */
    public Status status() {
        return status;
    }

    /** @return whether a worker has it */
    public boolean running() {
        return status == Status.RUNNING;
    }

    /** @return number of the present or last attempt, 0 before the first */
    public int attempt() {
        return attempt;
    }

    /** @return how many of its attempts do not count, since it got them back */
    public int attemptsBefore() {
        return attemptsBefore;
    }

    /** @return the claim that holds it, null when it is not running; partition's thread only */
    public @Nullable UUID claimId() {
        return claimId;
    }

    /** @return the worker that holds it or held it last */
    public String workerId() {
        return workerId;
    }

    /** @return who alone may report it, or might last; null: anybody */
    public @Nullable Holder holder() {
        return holder;
    }

    /** @return length of the running lease; partition's thread only */
    public long leaseMs() {
        return leaseMs;
    }

    /** @return length of the running claim's lease as the server moved it; 0: it did not; negative: it only let it go on for so long */
    public long graceMs() {
        return graceMs;
    }

    /**
     * @return whether a sign of life came since it was handed out last, so that its worker is known to have got it; noted since rules
     *     4; partition's thread only
     */
    public boolean gaveSign() {
        return gaveSign;
    }

    /** @return end of the running lease; partition's thread only */
    public long leaseUntilMs() {
        return leaseUntilMs;
    }

    /** @return whether it stands in its queue; partition's thread only */
    public boolean ready() {
        return readyItem != null;
    }

    /** @return since when it stands in its queue, or stood there last, milliseconds since the epoch; partition's thread only */
    public long readySinceMs() {
        return readySinceMs;
    }

    /** @return before when it is not handed out, milliseconds since the epoch; 0: nothing holds it back; partition's thread only */
    public long readyAtMs() {
        return readyAtMs;
    }

    /**
     * It is made of what stands there anyhow, so it needs no place in the store.
     *
     * @return another number whenever something has happened to the task but signs of life, lines of its log, progress and its own
     *     state: 0 or more, in no order
     */
    public long version() {
        CRC32C sum = new CRC32C();
        sum.update(Bytes.writer()
                .u8(status.ordinal())
                .i32(attempt)
                .id(claimId)
                .i64(startedMs)
                .i64(completedMs)
                .i32(attemptsBefore)
                .i64(countsFromMs)
                .i64(readyAtMs)
                .bool(readyItem != null)
                .i64(readySinceMs)
                .finish());
        return sum.getValue();
    }

    /** @return place among ready work: creation time less priority */
    public long orderMs() {
        return orderMs;
    }

    /** @return start of the last attempt, 0 before the first */
    public long startedMs() {
        return startedMs;
    }

    /** @return when it ended, 0 before */
    public long completedMs() {
        return completedMs;
    }

    /** @return its result, or null */
    public @Nullable Payload output() {
        return output;
    }

    /** @return its last error, or null */
    public @Nullable String error() {
        return error;
    }

    /** @return why a report of the running attempt's end was refused, or null; partition's thread only */
    public @Nullable String refusal() {
        return refusal;
    }

    /** @return last reported progress */
    public double progress() {
        return progress;
    }

    /** @return words to the last reported progress */
    public String progressDetails() {
        return progressDetails;
    }

    /** @return its own key/value state */
    public Map<String, Payload> state() {
        return Collections.unmodifiableMap(state);
    }

    /** @return its log, oldest first */
    public List<LogLine> log() {
        return Collections.unmodifiableList(log);
    }

    /** @return size of its log, bytes; partition's thread only */
    public long logBytes() {
        return logBytes;
    }

    void append(LogLine line) {
        log.add(line);
        logBytes += LogLine.bytes(line.level(), line.message());
    }

    /** @return among which of those that are handed out in turn it stands ready; empty: in no group, or it is not ready */
    String group() {
        return readyItem == null ? "" : readyItem.group();
    }

    /** All but the lines of the log, which are stored by themselves. */
    byte[] encode() {
        Holder held = holder;
        boolean grouped = !group().isEmpty() || held != null || gaveSign;
        boolean recounted = countsFromMs > 0 || grouped;
        Bytes out = Bytes.writer()
                .u8(gaveSign ? 7 : held != null ? 6 : grouped ? 5 : recounted ? 4 : graceMs != 0 ? 3 : 2)
                .rawId(id)
                .rawId(executionId)
                .text(kind)
                .text(queue)
                .payload(input)
                .texts(metadata)
                .i32(maxRetries)
                .i64(timeoutMs)
                .i64(createdMs)
                .i64(orderMs)
                .u8(status.ordinal())
                .i32(attempt)
                .id(claimId)
                .text(workerId)
                .i64(leaseMs)
                .i64(leaseUntilMs)
                .i64(startedMs)
                .i64(completedMs)
                .payload(output)
                .text(error)
                .f64(progress)
                .text(progressDetails)
                .i64(readyAtMs)
                .bool(readyItem != null)
                .i64(readySinceMs);
        out.i32(state.size());
        state.forEach((key, value) -> out.text(key).payload(value));
        out.i32(log.size()).text(refusal);
        if (recounted || graceMs != 0) {
            out.i64(graceMs);
        }
        if (recounted) {
            out.i32(attemptsBefore).i64(countsFromMs);
        }
        if (grouped) {
            out.text(group());
        }
        if (gaveSign) {
            out.bool(held != null);
        }
        if (held != null) {
            HolderForm.write(out, held);
        }
        return out.finish();
    }

    /**
     * @param bytes what {@link #encode} made
     * @param lines looks up so many lines of the log where they are not part of that
     */
    static Task decode(byte[] bytes, IntFunction<List<LogLine>> lines) {
        Bytes in = Bytes.reader(bytes);
        int version = in.u8();
        if (version < 1 || version > 6) { // the first with the lines of the log, from before refusals were noted
            Versions.expect(version, 7, "task");
        }
        Task t = new Task(
                in.rawId(),
                in.rawId(),
                in.text(),
                in.text(),
                in.payload(),
                in.texts(),
                in.i32(),
                in.i64(),
                in.i64(),
                in.i64());
        t.status = Status.values()[in.u8()];
        t.attempt = in.i32();
        t.claimId = in.id();
        t.workerId = in.text();
        t.leaseMs = in.i64();
        t.leaseUntilMs = in.i64();
        t.startedMs = in.i64();
        t.completedMs = in.i64();
        t.output = in.payloadOrNull();
        t.error = in.textOrNull();
        t.progress = in.f64();
        t.progressDetails = in.text();
        t.readyAtMs = in.i64();
        boolean ready = in.bool();
        t.readySinceMs = in.i64();
        for (int n = in.i32(); n > 0; n--) {
            t.state.put(in.text(), in.payload());
        }
        int count = in.i32();
        List<LogLine> log = version > 1 && count > 0 ? lines.apply(count) : new ArrayList<>();
        if (version == 1) {
            for (int n = count; n > 0; n--) {
                log.add(LogLine.read(in));
            }
        } else {
            t.storedLines = count;
        }
        t.log.addAll(log);
        log.forEach(line -> t.logBytes += LogLine.bytes(line.level(), line.message()));
        t.refusal = version > 1 ? in.textOrNull() : null;
        t.graceMs = version > 2 ? in.i64() : 0;
        if (version > 3) {
            t.attemptsBefore = in.i32();
            t.countsFromMs = in.i64();
        }
        String group = version > 4 ? in.text() : "";
        t.gaveSign = version > 6;
        t.holder = version == 6 || version > 6 && in.bool() ? HolderForm.read(in) : null;
        if (ready) {
            t.readyItem = new ReadyItem(t.orderMs, t.executionId, t.id, t.kind, t.readySinceMs, group);
        }
        return t;
    }
}

package io.millrace.dispatcher.engine.store;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stored form of histories: pages of events, under execution id and first sequence, so that a prefix scan gives a history. A
 * page is full with the event that brings it to {@value #PAGE_BYTES} bytes. So pages depend on the events alone; a short
 * history is one record, and a long one is not written again from its beginning.
 */
public final class HistoryForm {

    public static final int PAGE_BYTES = 4096;
    /** Most histories are one page of so much at the most. */
    private static final int USUAL_BYTES = 1536;

    private HistoryForm() {}

    public static byte[] key(UUID executionId, int firstSequence) {
        return Bytes.writer(Bytes.ID + Integer.BYTES)
                .rawId(executionId)
                .i32(firstSequence)
                .finish();
    }

    public static byte[] prefix(UUID executionId) {
        return Bytes.writer(Bytes.ID).rawId(executionId).finish();
    }

    public static Bytes newPage(UUID orgId) {
        return Bytes.writer(USUAL_BYTES).u8(2).rawId(orgId);
    }

    public static void add(Bytes page, SealedEvent event) {
        page.id(event.taskId())
                .i64(event.chainSequence())
                .text(event.type())
                .blob(event.data())
                .i64(event.timeMs())
                .u8(Objects.requireNonNull(event.status(), "status of an execution")
                        .ordinal())
                .blob(event.hash());
    }

    /** @return sequence of the first event of the page under the key */
    public static int first(byte[] key) {
        return ByteBuffer.wrap(key).getInt(Bytes.ID);
    }

    /**
     * Reads the pages of one history, of which only events behind a sequence are wanted. Pages before them are not read: that all events
     * of one are before, the key of the next one tells. Not thread-safe.
     */
    public static final class Behind {

        private final int after;
        private final Consumer<SealedEvent> reader;
        private byte @Nullable [] lastKey;
        private byte @Nullable [] lastValue;

        /** @param reader takes the events of all pages with such events; some of the first page are not wanted */
        public Behind(int after, Consumer<SealedEvent> reader) {
            this.after = after;
            this.reader = reader;
        }

        /** Takes the page that comes next. */
        public void visit(byte[] key, byte[] value) {
            if (first(key) > after + 1) {
                end();
            }
            lastKey = key;
            lastValue = value;
        }

        /** Reads the last page as well. */
        public void end() {
            byte[] key = lastKey;
            byte[] value = lastValue;
            if (key != null && value != null) {
                DamagedRecordException.guard(Table.HISTORY, key, () -> {
                    read(key, value, reader);
                    return true;
                });
            }
            lastKey = null;
        }
    }

    /** Reads all events of a page, or the one of a record written before there were pages. */
    public static void read(byte[] key, byte[] value, Consumer<SealedEvent> reader) {
        Bytes in = Bytes.reader(value);
        int version = in.u8();
        if (version == 1) {
            reader.accept(new SealedEvent(
                    in.rawId(),
                    in.rawId(),
                    in.id(),
                    in.i32(),
                    in.i64(),
                    in.text(),
                    in.blob(),
                    in.i64(),
                    Status.values()[in.u8()],
                    false,
                    in.blob()));
            return;
        }
        Versions.expect(version, 2, "history page");
        Bytes place = Bytes.reader(key);
        UUID executionId = place.rawId();
        UUID orgId = in.rawId();
        for (int sequence = place.i32(); in.more(); sequence++) {
            reader.accept(new SealedEvent(
                    executionId,
                    orgId,
                    in.id(),
                    sequence,
                    in.i64(),
                    in.text(),
                    in.blob(),
                    in.i64(),
                    Status.values()[in.u8()],
                    false,
                    in.blob()));
        }
    }
}

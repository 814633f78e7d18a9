package io.millrace.dispatcher.engine.store;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

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

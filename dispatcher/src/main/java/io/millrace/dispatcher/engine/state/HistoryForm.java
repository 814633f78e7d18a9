package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.event.Status;
import java.util.UUID;

/** Stored form of history events, and their keys: execution id, then sequence, so that a prefix scan gives a history. */
final class HistoryForm {

    private HistoryForm() {}

    static byte[] key(UUID executionId, int sequence) {
        return Bytes.writer().rawId(executionId).i32(sequence).finish();
    }

    static byte[] prefix(UUID executionId) {
        return Bytes.writer().rawId(executionId).finish();
    }

    static byte[] encode(SealedEvent event) {
        return Bytes.writer()
                .u8(1)
                .rawId(event.executionId())
                .rawId(event.orgId())
                .id(event.taskId())
                .i32(event.historySequence())
                .i64(event.chainSequence())
                .text(event.type())
                .blob(event.data())
                .i64(event.timeMs())
                .u8(event.status().ordinal())
                .blob(event.hash())
                .finish();
    }

    static SealedEvent decode(byte[] bytes) {
        Bytes in = Bytes.reader(bytes);
        Versions.expect(in.u8(), 1, "history event");
        return new SealedEvent(
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
                in.blob());
    }
}

package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.store.Bytes;
import java.util.UUID;

/**
 * Stored form of ready work. Items stand under queue, kind, order and id, so that a scan gives a line in its order. How
 * many there are stands under queue and kind. Once items stood under queue, order and id alone, and were not counted.
 */
final class ReadyForm {

    private ReadyForm() {}

    /** A piece of ready work and the queue that it stands in. */
    record Placed(QueueKey queue, ReadyItem item) {}

    /** Where an item stands. */
    record Place(QueueKey queue, String kind, long orderMs, UUID itemId) {

        static Place of(QueueKey queue, ReadyItem item) {
            return new Place(queue, item.kind(), item.orderMs(), item.itemId());
        }
    }

    private static Bytes queue(QueueKey queue) {
        return Bytes.writer()
                .rawId(queue.orgId())
                .u8(queue.workType().ordinal())
                .text(queue.queue());
    }

    private static QueueKey queue(Bytes in) {
        return new QueueKey(in.rawId(), WorkType.values()[in.u8()], in.text());
    }

    /** @return key of the number of a line, and what the keys of its items begin with */
    static byte[] line(QueueKey queue, String kind) {
        return queue(queue).text(kind).finish();
    }

    /** The sign bit is flipped so that unsigned byte order is number order. */
    static byte[] firstKey(byte[] line, long orderMs) {
        return Bytes.writer().raw(line).i64(orderMs ^ Long.MIN_VALUE).finish();
    }

    static byte[] key(Place place) {
        return queue(place.queue())
                .text(place.kind())
                .i64(place.orderMs() ^ Long.MIN_VALUE)
                .rawId(place.itemId())
                .finish();
    }

    static byte[] oldKey(Place place) {
        return queue(place.queue())
                .i64(place.orderMs() ^ Long.MIN_VALUE)
                .rawId(place.itemId())
                .finish();
    }

    static byte[] value(ReadyItem item) {
        return Bytes.writer().rawId(item.executionId()).i64(item.sinceMs()).finish();
    }

    static byte[] oldValue(ReadyItem item) {
        return Bytes.writer()
                .rawId(item.executionId())
                .text(item.kind())
                .i64(item.sinceMs())
                .finish();
    }

    static Placed read(byte[] key, byte[] value) {
        Bytes k = Bytes.reader(key);
        QueueKey queue = queue(k);
        String kind = k.text();
        long orderMs = k.i64() ^ Long.MIN_VALUE;
        UUID itemId = k.rawId();
        Bytes v = Bytes.reader(value);
        return placed(queue, orderMs, itemId, v.rawId(), kind, v.i64());
    }

    static Placed readOld(byte[] key, byte[] value) {
        Bytes k = Bytes.reader(key);
        QueueKey queue = queue(k);
        long orderMs = k.i64() ^ Long.MIN_VALUE;
        UUID itemId = k.rawId();
        Bytes v = Bytes.reader(value);
        return placed(queue, orderMs, itemId, v.rawId(), v.text(), v.i64());
    }

    private static Placed placed(
            QueueKey queue, long orderMs, UUID itemId, UUID executionId, String kind, long sinceMs) {
        UUID taskId = queue.workType() == WorkType.TASK ? itemId : null;
        return new Placed(queue, new ReadyItem(orderMs, executionId, taskId, kind, sinceMs));
    }

    /** @return queue of a line by its key */
    static QueueKey queueOf(byte[] line) {
        return queue(Bytes.reader(line));
    }

    /** @return kind of a line by its key */
    static String kindOf(byte[] line) {
        Bytes in = Bytes.reader(line);
        queue(in);
        return in.text();
    }
}

package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.WorkType;
import io.millrace.dispatcher.engine.store.Bytes;
import java.util.UUID;

/**
 * Stored form of ready work. Items stand under queue, line, order and id, so that a scan gives a line in its order. A line is that of a
 * kind, or of a group within it. How many there are stands under queue and line. Once items stood under queue, order and id alone, and were not counted.
 */
final class ReadyForm {

    private ReadyForm() {}

    /** A piece of ready work and the queue that it stands in. */
    record Placed(QueueKey queue, ReadyItem item) {}

    /** Where an item stands: queue, line, order. */
    record Place(QueueKey queue, String line, long orderMs, UUID itemId) {

        static Place of(QueueKey queue, ReadyItem item) {
            return new Place(queue, lineName(item.kind(), item.group()), item.orderMs(), item.itemId());
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

    /** No name of a kind has this character. */
    private static final char BEFORE_GROUP = 0;

    /** @return name of the line of a kind in which a group stands */
    static String lineName(String kind, String group) {
        return group.isEmpty() ? kind : kind + BEFORE_GROUP + group;
    }

    /** @return kind of a line by its name */
    static String kindOf(String lineName) {
        int end = lineName.indexOf(BEFORE_GROUP);
        return end < 0 ? lineName : lineName.substring(0, end);
    }

    /** @return group of a line by its name */
    static String groupOf(String lineName) {
        return lineName.substring(Math.min(lineName.length(), kindOf(lineName).length() + 1));
    }

    /** @return key of the number of a line, and what the keys of its items begin with; of a kind's name: key of whose turn it is in it */
    static byte[] line(QueueKey queue, String lineName) {
        return queue(queue).text(lineName).finish();
    }

    /** The sign bit is flipped so that unsigned byte order is number order. */
    static byte[] firstKey(byte[] line, long orderMs) {
        return Bytes.writer().raw(line).i64(orderMs ^ Long.MIN_VALUE).finish();
    }

    static byte[] key(Place place) {
        return queue(place.queue())
                .text(place.line())
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
        String lineName = k.text();
        long orderMs = k.i64() ^ Long.MIN_VALUE;
        UUID itemId = k.rawId();
        Bytes v = Bytes.reader(value);
        return placed(queue, orderMs, itemId, v.rawId(), lineName, v.i64());
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
            QueueKey queue, long orderMs, UUID itemId, UUID executionId, String lineName, long sinceMs) {
        UUID taskId = queue.workType() == WorkType.TASK ? itemId : null;
        return new Placed(
                queue, new ReadyItem(orderMs, executionId, taskId, kindOf(lineName), sinceMs, groupOf(lineName)));
    }

    /** @return queue of a line by its key */
    static QueueKey queueOf(byte[] line) {
        return queue(Bytes.reader(line));
    }

    /** @return name of a line by its key */
    static String nameOf(byte[] line) {
        Bytes in = Bytes.reader(line);
        queue(in);
        return in.text();
    }
}

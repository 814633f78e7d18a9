package io.millrace.ingest.streams;

import com.google.protobuf.ByteString;
import io.millrace.ingest.streams.TaskStreams.Subscription;
import io.millrace.proto.Ids;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Brings streams to their listeners in memory, and keeps the latest items of the latest executions, so that a listener who
 * was cut off may go on. Bounded in every direction: what was written longest ago is forgotten first. Safe from any thread.
 */
final class StreamHub {

    private static final int MAX_EXECUTIONS = 5_000;
    private static final int MAX_ITEMS_OF_ONE = 1_000;
    private static final int MAX_BYTES_OF_ONE = 1 << 20;
    private static final long MAX_BYTES = 64 << 20;

    private final LinkedHashMap<Key, Channel> channels = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /** Passes the item on. Positions of one execution must rise. */
    synchronized void accept(StreamItem item) {
        Key key = new Key(item.record().getOrgId(), item.record().getExecutionId());
        Channel channel = channels.computeIfAbsent(key, absent -> new Channel());
        channel.kept.add(item);
        resize(channel, item.record().getSerializedSize());
        while (channel.kept.size() > MAX_ITEMS_OF_ONE || channel.bytes > MAX_BYTES_OF_ONE) {
            resize(channel, -channel.kept.remove().record().getSerializedSize());
        }
        channel.listeners.forEach(listener -> listener.accept(item));
        forgetOldest();
    }

    synchronized Subscription subscribe(UUID orgId, UUID executionId, long after, Consumer<StreamItem> listener) {
        Key key = new Key(Ids.toByteString(orgId), Ids.toByteString(executionId));
        Channel channel = channels.computeIfAbsent(key, absent -> new Channel());
        for (StreamItem item : channel.kept) {
            if (item.position() > after) {
                listener.accept(item);
            }
        }
        channel.listeners.add(listener);
        return () -> leave(key, listener);
    }

    private synchronized void leave(Key key, Consumer<StreamItem> listener) {
        Channel channel = channels.get(key);
        if (channel != null && channel.listeners.remove(listener) && channel.listeners.isEmpty() && channel.kept.isEmpty()) {
            channels.remove(key);
        }
    }

    /** Executions that someone listens to stay, whatever their number: there are no more of them than connections. */
    private void forgetOldest() {
        if (channels.size() <= MAX_EXECUTIONS && bytes <= MAX_BYTES) {
            return;
        }
        var oldest = channels.entrySet().iterator();
        while (oldest.hasNext() && (channels.size() > MAX_EXECUTIONS || bytes > MAX_BYTES)) {
            Map.Entry<Key, Channel> entry = oldest.next();
            if (entry.getValue().listeners.isEmpty()) {
                bytes -= entry.getValue().bytes;
                oldest.remove();
            }
        }
    }

    private void resize(Channel channel, int difference) {
        channel.bytes += difference;
        bytes += difference;
    }

    private record Key(ByteString orgId, ByteString executionId) {}

    private static final class Channel {
        private final Deque<StreamItem> kept = new ArrayDeque<>();
        private final List<Consumer<StreamItem>> listeners = new ArrayList<>();
        private long bytes;
    }
}

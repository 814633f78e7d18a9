package io.millrace.ingest.streams;

import com.google.protobuf.ByteString;
import io.millrace.ingest.streams.TaskStreams.Listener;
import io.millrace.ingest.streams.TaskStreams.Subscription;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Brings streams to their listeners in memory. Keeps the latest items of the latest executions, so that a listener who
 * was cut off may go on. Bounded in every direction: what was written longest ago is forgotten first, and a listener
 * who comes back from before that is told so. Safe from any thread.
 */
final class StreamHub {

    private static final int MAX_EXECUTIONS = 5_000;
    private static final int MAX_ITEMS_OF_ONE = 1_000;
    private static final int MAX_BYTES_OF_ONE = 1 << 20;
    private static final long MAX_BYTES = 64 << 20;

    /** Of executions that someone listens to; there are no more of them than connections. */
    private final Map<Key, Channel> heard = new HashMap<>();

    /** Of all others, the one that was written to longest ago first. */
    private final LinkedHashMap<Key, Channel> unheard = new LinkedHashMap<>(16, 0.75f, true);

    /** Position of each partition up to which those may have said something of whom nothing is kept; empty before the start. */
    private long[] forgotten = {};

    private long bytes;

    /** @param starts position of each partition from which on all items will come; whoever listens already may miss some */
    synchronized void begin(long[] starts) {
        forgotten = starts.clone();
        for (int partition = 0; partition < forgotten.length; partition++) {
            forgotten[partition]--;
        }
        heard.forEach((key, channel) -> {
            channel.forgotten = Math.max(channel.forgotten, forgotten[partition(key)]);
            channel.places.forEach(place -> tellGap(channel, place));
        });
    }

    /** Passes the item on. Positions of one execution must rise. */
    synchronized void accept(StreamItem item) {
        Key key = new Key(item.record().getOrgId(), item.record().getExecutionId());
        Channel channel = heard.get(key);
        if (channel == null) {
            channel = unheard.computeIfAbsent(key, this::channel);
        }
        channel.kept.add(item);
        resize(channel, item.record().getSerializedSize());
        channel.places.removeIf(place -> item.position() > place.after && !place.listener.item(item));
        rest(key, channel);
        while (channel.kept.size() > MAX_ITEMS_OF_ONE || channel.bytes > MAX_BYTES_OF_ONE) {
            forgetFirst(channel);
        }
        forgetOldest(channel);
        while (bytes > MAX_BYTES && !channel.kept.isEmpty()) {
            forgetFirst(channel);
        }
    }

    synchronized Subscription subscribe(UUID orgId, UUID executionId, long after, Listener listener) {
        Key key = new Key(Ids.toByteString(orgId), Ids.toByteString(executionId));
        Channel channel = unheard.remove(key);
        if (channel == null) {
            channel = heard.computeIfAbsent(key, this::channel);
        } else {
            heard.put(key, channel);
        }
        Place place = new Place(after, listener);
        tellGap(channel, place);
        boolean wanted = true;
        for (StreamItem item : channel.kept) {
            wanted = wanted && (item.position() <= after || listener.item(item));
        }
        if (wanted) {
            channel.places.add(place);
        }
        rest(key, channel);
        return () -> leave(key, place);
    }

    synchronized List<StreamItem> kept(UUID orgId, UUID executionId, long after) {
        Key key = new Key(Ids.toByteString(orgId), Ids.toByteString(executionId));
        Channel channel = heard.getOrDefault(key, unheard.get(key));
        return channel == null
                ? List.of()
                : channel.kept.stream().filter(item -> item.position() > after).toList();
    }

    private synchronized void leave(Key key, Place place) {
        Channel channel = heard.get(key);
        if (channel != null) {
            channel.places.remove(place);
            rest(key, channel);
        }
    }

    /** The channel goes to where it belongs now. */
    private void rest(Key key, Channel channel) {
        if (channel.places.isEmpty() && heard.remove(key, channel)) {
            unheard.put(key, channel);
        }
        if (channel.kept.isEmpty() && unheard.remove(key, channel)) {
            forget(key, channel);
        }
    }

    private Channel channel(Key key) {
        return new Channel(forgotten.length == 0 ? -1 : forgotten[partition(key)]);
    }

    private void forget(Key key, Channel channel) {
        bytes -= channel.bytes;
        long last = channel.kept.isEmpty()
                ? channel.forgotten
                : channel.kept.getLast().position();
        if (forgotten.length > 0) {
            int partition = partition(key);
            forgotten[partition] = Math.max(forgotten[partition], last);
        }
    }

    private void forgetFirst(Channel channel) {
        StreamItem first = channel.kept.remove();
        channel.forgotten = first.position();
        resize(channel, -first.record().getSerializedSize());
    }

    /** Forgets executions that nobody listens to, but for the one that was just written to. */
    private void forgetOldest(Channel newest) {
        while (!unheard.isEmpty() && (unheard.size() > MAX_EXECUTIONS || bytes > MAX_BYTES)) {
            Map.Entry<Key, Channel> oldest = unheard.firstEntry();
            Channel channel = oldest.getValue();
            if (channel == newest) {
                return;
            }
            unheard.remove(oldest.getKey());
            forget(oldest.getKey(), channel);
        }
    }

    /** Who comes for the first time misses nothing. */
    private static void tellGap(Channel channel, Place place) {
        if (place.after != TaskStreams.NEWCOMER && place.after < channel.forgotten) {
            place.listener.gap(channel.forgotten);
        }
    }

    private int partition(Key key) {
        return Shards.partition(Ids.fromBytes(key.executionId), forgotten.length);
    }

    private void resize(Channel channel, int difference) {
        channel.bytes += difference;
        bytes += difference;
    }

    private record Key(ByteString orgId, ByteString executionId) {}

    /** Each is equal to itself alone. */
    private static final class Place {
        private final long after;
        private final Listener listener;

        Place(long after, Listener listener) {
            this.after = after;
            this.listener = listener;
        }
    }

    private static final class Channel {
        private final Deque<StreamItem> kept = new ArrayDeque<>();
        private final List<Place> places = new ArrayList<>();
        /** Position up to which something may have been forgotten, -1: nothing has been. */
        private long forgotten;

        private long bytes;

        Channel(long forgotten) {
            this.forgotten = forgotten;
        }
    }
}

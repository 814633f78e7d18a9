package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.PlaceLine;
import io.millrace.dispatcher.engine.command.QueuePlaces;
import io.millrace.dispatcher.engine.command.WorkPolicy;
import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import io.millrace.dispatcher.engine.store.Versions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Places of queues with a limit: what this partition has of them, and what it lends of those that are at home here. There is a record
 * of a queue as long as its limit needs places. All of it is in memory. {@link #get} on any thread, all else on the partition's.
 */
public final class PlaceStore {

    private static final int FORM = 1;

    private final Storage storage;
    private final DueIndex dues;
    private final PolicyStore policies;
    private final Map<LimitedQueue, QueuePlaces> places = new ConcurrentHashMap<>();
    private final Map<LimitedQueue, PlaceLender> lenders = new HashMap<>();
    private final Set<LimitedQueue> unflushed = new HashSet<>();
    /** Queues whose work may have ended, or whose limit may have changed, since somebody looked after them. */
    private final Set<LimitedQueue> stirred = new TreeSet<>();

    /** A queue with a limit: workflows and tasks in it count together. */
    public record LimitedQueue(UUID orgId, String queue) implements Comparable<LimitedQueue> {

        private static final Comparator<LimitedQueue> ORDER =
                Comparator.comparing(LimitedQueue::orgId).thenComparing(LimitedQueue::queue);

        @Override
        public int compareTo(LimitedQueue other) {
            return ORDER.compare(this, other);
        }

        private byte[] stored() {
            return Bytes.writer().rawId(orgId).text(queue).finish();
        }

        private static LimitedQueue read(byte[] stored) {
            Bytes in = Bytes.reader(stored);
            return new LimitedQueue(in.rawId(), in.text());
        }
    }

    /** @param dues told when spare places go back, and when the rate allows more */
    PlaceStore(Storage storage, DueIndex dues, PolicyStore policies) {
        this.storage = storage;
        this.dues = dues;
        this.policies = policies;
        storage.scan(Table.PLACES, new byte[0], (key, value) -> {
            places.put(
                    DamagedRecordException.guard(Table.PLACES, key, () -> LimitedQueue.read(key)),
                    DamagedRecordException.guard(Table.PLACES, key, () -> decode(value)));
            return true;
        });
        storage.scan(Table.PLACE_LENDERS, new byte[0], (key, value) -> {
            lenders.put(
                    DamagedRecordException.guard(Table.PLACE_LENDERS, key, () -> LimitedQueue.read(key)),
                    DamagedRecordException.guard(Table.PLACE_LENDERS, key, () -> decodeLender(value)));
            return true;
        });
    }

    /** @return the places of the queue here, null where its limit needs none: that is so of most */
    public @Nullable QueuePlaces get(UUID orgId, String queue) {
        return places.isEmpty() ? null : places.get(new LimitedQueue(orgId, queue));
    }

    /** @return what is lent of the queue from here; null: nothing, as yet */
    public @Nullable PlaceLender lender(LimitedQueue queue) {
        return lenders.get(queue);
    }

    /** @return whether there is any queue to look after */
    public boolean isStirred() {
        return !stirred.isEmpty();
    }

    /** @return the queues to look after, in their order: each may have places to give back or to lend */
    public List<LimitedQueue> stirred() {
        return new ArrayList<>(stirred);
    }

    /** Somebody has looked after the queue. If it failed, the queue comes again, as it does when the state is opened. */
    public void lookedAfter(LimitedQueue queue) {
        if (!unfinished(queue)) {
            stirred.remove(queue);
        }
    }

    /** Finds what the last command left to do. What is in flight must be known. */
    void opened() {
        Stream.of(places, lenders)
                .flatMap(known -> known.keySet().stream())
                .filter(this::unfinished)
                .forEach(stirred::add);
    }

    /**
     * Asks the state alone, so that it is the same for one that was opened meanwhile. What waits for the rate comes when it is due.
     *
     * @return whether there are places to give back or to lend
     */
    private boolean unfinished(LimitedQueue queue) {
        WorkPolicy.Limit limit = policies.get(queue.orgId(), new WorkSubject(WorkSubject.Type.QUEUE, queue.queue()))
                .limit();
        if (limit == null || !limit.places()) {
            return false;
        }
        QueuePlaces here = places.get(queue);
        if (here != null && here.free(dues.inFlight(queue.orgId(), queue.queue())) > here.returned()) {
            return true;
        }
        PlaceLender lender = lenders.get(queue);
        return lender != null
                && lender.nextMs() == 0
                && lender.room(limit) > 0
                && lender.lines().values().stream().anyMatch(PlaceLine::waits);
    }

    /** A worker has something of the queue no more. */
    void ended(UUID orgId, String queue) {
        if (!places.isEmpty()) {
            LimitedQueue key = new LimitedQueue(orgId, queue);
            if (places.containsKey(key)) {
                stirred.add(key);
            }
        }
    }

    /** Something of the queue is handed out, whose limit needs places. */
    void take(UUID orgId, String queue, long timeMs) {
        LimitedQueue key = new LimitedQueue(orgId, queue);
        QueuePlaces now = Objects.requireNonNull(places.get(key), "places");
        put(key, now.taken(timeMs));
    }

    void put(LimitedQueue queue, @Nullable QueuePlaces now) {
        move(spare(queue, places.get(queue)), spare(queue, now));
        if (now == null) {
            places.remove(queue);
        } else {
            places.put(queue, now);
        }
        unflushed.add(queue);
    }

    private void move(@Nullable Due before, @Nullable Due after) {
        if (before != null) {
            dues.remove(before);
        }
        if (after != null) {
            dues.add(after);
        }
    }

    private static @Nullable Due spare(LimitedQueue queue, @Nullable QueuePlaces now) {
        return now == null || now.spare() == 0
                ? null
                : new Due(now.lentMs() + QueuePlaces.SPARE_MS, Due.Type.PLACES_SPARE, queue.orgId(), queue.queue());
    }

    void put(LimitedQueue queue, @Nullable PlaceLender now) {
        move(next(queue, lenders.get(queue)), next(queue, now));
        if (now == null) {
            lenders.remove(queue);
        } else {
            lenders.put(queue, now);
        }
        unflushed.add(queue);
    }

    private static @Nullable Due next(LimitedQueue queue, @Nullable PlaceLender now) {
        return now == null || now.nextMs() == 0
                ? null
                : new Due(now.nextMs(), Due.Type.PLACES_NEXT, queue.orgId(), queue.queue());
    }

    /** The limit of the queue is another one: what was of another epoch counts no more. */
    void limitChanged(UUID orgId, String name, long epoch) {
        LimitedQueue queue = new LimitedQueue(orgId, name);
        QueuePlaces here = places.get(queue);
        if (here != null && here.epoch() != epoch) {
            put(queue, (QueuePlaces) null);
        }
        PlaceLender lender = lenders.get(queue);
        if (lender != null && lender.epoch() != epoch) {
            put(queue, (PlaceLender) null);
        }
        if (epoch != 0) {
            stirred.add(queue);
        }
    }

    void flush() {
        unflushed.forEach(queue -> {
            QueuePlaces here = places.get(queue);
            storage.put(Table.PLACES, queue.stored(), here == null ? null : encode(here));
            PlaceLender lender = lenders.get(queue);
            storage.put(Table.PLACE_LENDERS, queue.stored(), lender == null ? null : encode(lender));
        });
        unflushed.clear();
    }

    private static byte[] encode(QueuePlaces now) {
        return Bytes.writer()
                .u8(FORM)
                .i64(now.epoch())
                .i64(now.begun())
                .i64(now.asked())
                .i64(now.lent())
                .i64(now.returned())
                .i32(now.spare())
                .i64(now.lentMs())
                .finish();
    }

    private static QueuePlaces decode(byte[] bytes) {
        Bytes in = Bytes.reader(bytes);
        Versions.expect(in.u8(), FORM, "places of a queue");
        return new QueuePlaces(in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i32(), in.i64());
    }

    private static byte[] encode(PlaceLender now) {
        Bytes out = Bytes.writer()
                .u8(FORM)
                .i64(now.epoch())
                .i32(now.last())
                .i64(now.paidNs())
                .i64(now.nextMs())
                .i32(now.lines().size());
        now.lines()
                .forEach((partition, line) ->
                        out.i32(partition).i64(line.asked()).i64(line.lent()).i64(line.returned()));
        return out.finish();
    }

    private static PlaceLender decodeLender(byte[] bytes) {
        Bytes in = Bytes.reader(bytes);
        Versions.expect(in.u8(), FORM, "lender of places");
        long epoch = in.i64();
        int last = in.i32();
        long paidNs = in.i64();
        long nextMs = in.i64();
        int count = in.i32();
        Map<Integer, PlaceLine> lines = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            lines.put(in.i32(), new PlaceLine(in.i64(), in.i64(), in.i64()));
        }
        return new PlaceLender(epoch, lines, last, paidNs, nextMs);
    }
}

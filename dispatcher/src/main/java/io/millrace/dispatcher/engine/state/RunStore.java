package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.store.Bytes;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which run of a workflow is the newest, by the id of any of its runs. An earlier run leaves the stores when its retention is over;
 * people, children, schedules and promises still name it. So its id leads to the newest run for as long as that is there. However
 * many runs a workflow has had, that takes two look-ups, and some 100 bytes for each of them. Changes wait for the next flush.
 * {@link #newest} on any thread, all else on the partition's.
 */
final class RunStore {

    private static final byte FIRST = 0;
    private static final byte NEWEST = 1;
    private static final byte PART = 2;
    private static final byte RUN = 0;
    private static final byte PROMISE = 1;
    private static final byte[] PRESENT = {1};

    private final Storage storage;
    /** First run of the workflow, by each later one. */
    private final Map<UUID, UUID> firsts = new ConcurrentHashMap<>();
    /** Newest run of the workflow by its first one; empty: the workflow is not there any more. */
    private final Map<UUID, Optional<UUID>> newest = new ConcurrentHashMap<>();
    /** What has to go with the workflow, by its first run. */
    private final Map<UUID, Set<Part>> parts = new LinkedHashMap<>();
    /** Workflows that are not there any more, by their first runs; what is stored of them is gone after the next flush. */
    private final Set<UUID> gone = new LinkedHashSet<>();

    private record Part(byte kind, UUID id) {}

    RunStore(Storage storage) {
        this.storage = storage;
    }

    /** @return the newest run of the workflow that the run is of; the run itself where nothing says that it goes on */
    UUID newest(UUID run) {
        UUID found = newestOf(first(run));
        return found == null ? run : found;
    }

    private UUID first(UUID run) {
        UUID first = firsts.get(run);
        if (first != null) {
            return first;
        }
        byte[] stored = storage.get(Table.RUNS, key(FIRST, run));
        return stored == null ? run : Bytes.reader(stored).rawId();
    }

    private @Nullable UUID newestOf(UUID first) {
        Optional<UUID> changed = newest.get(first);
        if (changed != null) {
            return changed.orElse(null);
        }
        byte[] stored = storage.get(Table.RUNS, key(NEWEST, first));
        return stored == null ? null : Bytes.reader(stored).rawId();
    }

    /** The run goes on in a new one. */
    void goesOn(UUID run, UUID newRun) {
        UUID first = first(run);
        firsts.put(newRun, first);
        newest.put(first, Optional.of(newRun));
        part(first, new Part(RUN, newRun));
    }

    /** The id of a promise of the run is to be known for as long as the workflow is there. */
    void keepPromise(UUID run, UUID promiseId) {
        part(first(run), new Part(PROMISE, promiseId));
    }

    private void part(UUID first, Part part) {
        parts.computeIfAbsent(first, none -> new LinkedHashSet<>()).add(part);
    }

    /**
     * The run leaves. If it is the newest, nothing leads to it any more.
     *
     * @param promises takes the ids of promises that were kept with the workflow, if that is gone with the run
     */
    void left(UUID run, Consumer<UUID> promises) {
        UUID first = first(run);
        if (!run.equals(newestOf(first))) {
            return;
        }
        promises(first, promises);
        Set<Part> unflushed = parts.remove(first);
        if (unflushed != null) {
            for (Part part : unflushed) {
                if (part.kind == RUN) {
                    firsts.remove(part.id);
                }
            }
        }
        newest.put(first, Optional.empty());
        gone.add(first);
    }

    /** Gives the ids of promises that were kept with the workflow of the run. */
    void promises(UUID run, Consumer<UUID> promises) {
        UUID first = first(run);
        Bytes ofPromises = prefix(first).u8(PROMISE);
        stored(ofPromises, Integer.MAX_VALUE).forEach(part -> promises.accept(part.id));
        for (Part part : parts.getOrDefault(first, Set.of())) {
            if (part.kind == PROMISE) {
                promises.accept(part.id);
            }
        }
    }

    /** @return the first parts that are stored under the prefix, so many at the most */
    private List<Part> stored(Bytes prefix, int most) {
        List<Part> parts = new ArrayList<>();
        storage.scan(Table.RUNS, prefix.finish(), (key, value) -> {
            Bytes in = Bytes.reader(key);
            in.u8();
            in.rawId();
            return parts.add(new Part((byte) in.u8(), in.rawId())) && parts.size() < most;
        });
        return parts;
    }

    private static Bytes prefix(UUID first) {
        return Bytes.writer().u8(PART).rawId(first);
    }

    void flush() {
        deleteGone(Integer.MAX_VALUE);
        newest.forEach((first, run) -> storage.put(
                Table.RUNS,
                key(NEWEST, first),
                run.map(id -> Bytes.writer().rawId(id).finish()).orElse(null)));
        firsts.forEach((run, first) -> storage.put(
                Table.RUNS, key(FIRST, run), Bytes.writer().rawId(first).finish()));
        parts.forEach((first, all) -> all.forEach(part -> storage.put(Table.RUNS, key(first, part), PRESENT)));
        newest.clear();
        firsts.clear();
        parts.clear();
    }

    /** @return workflows that are not there any more and of which something may be stored */
    int gone() {
        return gone.size();
    }

    /**
     * Deletes what is stored of workflows that are not there any more, or a part of it: a workflow may have had any number of runs.
     *
     * @param most records that are to go, about
     */
    void deleteGone(int most) {
        int left = most;
        for (Iterator<UUID> all = gone.iterator(); all.hasNext() && left > 0; ) {
            UUID first = all.next();
            List<Part> some = stored(prefix(first), left);
            some.forEach(part -> delete(first, part));
            left -= some.size();
            if (left > 0) {
                all.remove();
            }
        }
    }

    private void delete(UUID first, Part part) {
        storage.put(Table.RUNS, key(first, part), null);
        if (part.kind == RUN) {
            storage.put(Table.RUNS, key(FIRST, part.id), null);
        }
    }

    private static byte[] key(byte type, UUID id) {
        return Bytes.writer().u8(type).rawId(id).finish();
    }

    private static byte[] key(UUID first, Part part) {
        return prefix(first).u8(part.kind).rawId(part.id).finish();
    }
}

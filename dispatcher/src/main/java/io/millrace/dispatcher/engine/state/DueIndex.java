package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.WorkSubject;
import io.millrace.dispatcher.engine.store.DamagedRecordException;
import io.millrace.dispatcher.engine.store.Storage;
import io.millrace.dispatcher.engine.store.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is to happen at a time, soonest first. In memory are ends of leases and buckets, of which there are
 * few. Of all else (timers, retries, deadlines) only what comes before the <em>horizon</em> is in memory. The rest
 * waits in the store, however much it is. What comes and goes between two flushes never touches the store. It also
 * knows who holds which lease, and of which queue; that is not stored, but follows from the claims. One thread.
 */
public final class DueIndex {

    private static final byte[] PRESENT = {1};
    private final Storage storage;
    private final int window;
    private final TreeSet<Due> near = new TreeSet<>();
    private final Map<Due, Boolean> unflushed = new HashMap<>();
    private final Map<Due, Hold> holds = new HashMap<>();
    private final Map<Holder, TreeSet<Due>> held = new HashMap<>();
    private final Map<OrgQueue, Integer> inFlight = new HashMap<>();
    private final Set<Holder> changedHolders = new HashSet<>();
    private final Set<OrgQueue> changedQueues = new HashSet<>();
    /** Leases and buckets that stand among all others, as they did once. */
    private final Set<Due> misplaced = new HashSet<>();
    /** How many of those in memory may leave it. */
    private int windowed;
    /** Whatever is stored and due before this time is in memory. */
    private long horizonMs = Long.MIN_VALUE;

    private @Nullable LeaseListener ended;

    private record Holder(UUID orgId, String workerId) {}

    private record OrgQueue(UUID orgId, String queue) {}

    private record Hold(Holder holder, OrgQueue queue) {}

    /** Hears that a lease is over, or moves. */
    interface LeaseListener {

        void ended(UUID orgId, String queue);
    }

    /**
     * Opens what rests in the storage.
     *
     * @param window so many are read from the store at once when the horizon is reached. When memory has three times as
     *     many, so many are left there. Leases, buckets, and what falls due in the same millisecond do not count
     * @param mixed whether leases and buckets may stand among all others, as they did once
     */
    DueIndex(Storage storage, int window, boolean mixed) {
        this.storage = storage;
        this.window = window;
        storage.scan(Table.DUE_RESIDENT, new byte[0], (key, value) -> near.add(read(Table.DUE_RESIDENT, key)));
        if (mixed) {
            storage.scan(Table.DUE, new byte[0], (key, value) -> {
                Due due = read(Table.DUE, key);
                if (resident(due)) {
                    near.add(due);
                    misplaced.add(due);
                }
                return true;
            });
        }
    }

    private static Due read(Table table, byte[] key) {
        return DamagedRecordException.guard(table, key, () -> Due.fromKey(key));
    }

    /** @return whether it is always in memory */
    private static boolean resident(Due due) {
        return switch (due.type()) {
            case WORKFLOW_LEASE, TASK_LEASE, RETENTION, KEY_EXPIRY -> true;
            case WORKFLOW_RETRY,
                    WORKFLOW_CANCEL,
                    TIMER,
                    PROMISE_TIMEOUT,
                    TASK_READY,
                    TASK_DEADLINE,
                    SCHEDULE,
                    POLICY,
                    PLACES_SPARE,
                    PLACES_NEXT,
                    WORKFLOW_KEY_EXPIRY,
                    TASK_KEY_EXPIRY,
                    PROMISE_KEY_EXPIRY -> false;
        };
    }

    void add(Due due) {
        if (resident(due)) {
            if (near.add(due)) {
                note(due, true);
            }
        } else if (due.atMs() >= horizonMs) {
            noteFar(due, true);
        } else if (near.add(due)) {
            windowed++;
            note(due, true);
        }
    }

    /** Adds the end of a lease that the worker has from now on of something in the queue. */
    void lend(Due lease, UUID orgId, String workerId, String queue) {
        add(lease);
        held(lease, orgId, workerId, queue);
    }

    /** Says who holds a lease that is there, and of which queue. */
    void held(Due lease, UUID orgId, String workerId, String queue) {
        Hold hold = new Hold(new Holder(orgId, workerId), new OrgQueue(orgId, queue));
        changed(hold);
        Hold before = holds.put(lease, hold);
        if (before == null) {
            inFlight.merge(hold.queue(), 1, Integer::sum);
        }
        held.computeIfAbsent(hold.holder(), key -> new TreeSet<>()).add(lease);
    }

    /** @param listener hears of each lease that is over from now on, or moves */
    void whenEnded(LeaseListener listener) {
        ended = listener;
    }

    /** @return how many pieces of work of the queue, workflows and tasks, workers have */
    int inFlight(UUID orgId, String queue) {
        return inFlight.getOrDefault(new OrgQueue(orgId, queue), 0);
    }

    void remove(Due due) {
        if (near.remove(due)) {
            windowed -= resident(due) ? 0 : 1;
            note(due, false);
        } else if (!resident(due) && due.atMs() >= horizonMs) {
            noteFar(due, false);
        }
        Hold hold = due.lease() ? holds.remove(due) : null;
        if (hold != null) {
            changed(hold);
            TreeSet<Due> leases = Objects.requireNonNull(held.get(hold.holder()), "leases of who holds one");
            leases.remove(due);
            if (leases.isEmpty()) {
                held.remove(hold.holder());
            }
            inFlight.computeIfPresent(hold.queue(), (queue, count) -> count == 1 ? null : count - 1);
            if (ended != null) {
                ended.ended(hold.queue().orgId(), hold.queue().queue());
            }
        }
    }

    private void changed(Hold hold) {
        changedHolders.add(hold.holder());
        changedQueues.add(hold.queue());
    }

    /** Shows the workers and queues whose work in hand may have changed since the last time that this was asked. */
    void drainChanged(SubjectVisitor visitor) {
        changedHolders.forEach(
                holder -> visitor.visit(holder.orgId(), new WorkSubject(WorkSubject.Type.WORKER, holder.workerId())));
        changedHolders.clear();
        changedQueues.forEach(
                queue -> visitor.visit(queue.orgId(), new WorkSubject(WorkSubject.Type.QUEUE, queue.queue())));
        changedQueues.clear();
    }

    /** @return how many leases the worker has */
    int inHand(UUID orgId, String workerId) {
        TreeSet<Due> leases = held.get(new Holder(orgId, workerId));
        return leases == null ? 0 : leases.size();
    }

    /** @return ends of the leases that the worker has, soonest first */
    List<Due> leases(UUID orgId, String workerId) {
        TreeSet<Due> leases = held.get(new Holder(orgId, workerId));
        return leases == null ? List.of() : List.copyOf(leases);
    }

    /** What was there before the last flush and is there again leaves the store as it is; what came and went, too. */
    private void note(Due due, boolean present) {
        if (unflushed.remove(due) == null) {
            unflushed.put(due, present);
        }
    }

    /** Nobody knows whether it is stored; it is added only where it is not there, and removed only where it is or was. */
    private void noteFar(Due due, boolean present) {
        Boolean earlier = unflushed.get(due);
        if (earlier == null) {
            unflushed.put(due, present);
        } else if (earlier != present) {
            unflushed.remove(due);
        }
    }

    /** @return the soonest, or null */
    public @Nullable Due first() {
        while ((near.isEmpty() || near.first().atMs() >= horizonMs) && horizonMs < Long.MAX_VALUE) {
            readWindow();
        }
        return near.isEmpty() ? null : near.first();
    }

    /** @return the soonest that is no bucket of what leaves the stores, as far as is in memory; or null */
    public @Nullable Due firstThatStays() {
        first();
        for (Due due : near) {
            if (due.type() != Due.Type.RETENTION) {
                return due;
            }
        }
        return null;
    }

    /**
     * @return what is due by the time, soonest first, so many at the most. That is the same however much of it is in memory, since
     *     a command is decided by it
     */
    List<Due> until(long timeMs, int limit) {
        while (horizonMs <= timeMs
                && near.stream()
                                .takeWhile(due -> due.atMs() < horizonMs)
                                .limit(limit)
                                .count()
                        < limit) {
            readWindow();
        }
        return near.stream().takeWhile(due -> due.atMs() <= timeMs).limit(limit).toList();
    }

    /** @param due one that is in memory, or was */
    boolean has(Due due) {
        return near.contains(due);
    }

    /** Moves the horizon on: all of a millisecond is in memory, or nothing, since the store orders it in its own way. */
    private void readWindow() {
        long from = horizonMs;
        int[] read = {0};
        long[] last = {from};
        boolean[] more = {false};
        storage.scanFrom(Table.DUE, Due.firstKey(from), (key, value) -> {
            Due due = read(Table.DUE, key);
            if (read[0] >= window && due.atMs() > last[0]) {
                more[0] = true;
                return false;
            }
            last[0] = due.atMs();
            if (!resident(due) && unflushed.get(due) == null && near.add(due)) {
                windowed++;
            }
            read[0]++;
            return true;
        });
        horizonMs = more[0] ? last[0] + 1 : Long.MAX_VALUE;
        unflushed.forEach((due, present) -> {
            if (present && due.atMs() >= from && due.atMs() < horizonMs && !resident(due) && near.add(due)) {
                windowed++;
            }
        });
    }

    /** @return ends of leases, soonest first */
    List<Due> leases() {
        return near.stream().filter(Due::lease).toList();
    }

    /** @return how many are in memory: all, unless there are very many */
    public int size() {
        first();
        return near.size();
    }

    /** @param apart whether leases and buckets stand apart from all others from now on */
    void flush(boolean apart) {
        unflushed.forEach((due, present) -> {
            boolean among = !resident(due) || (present ? !apart : misplaced.remove(due));
            storage.put(among ? Table.DUE : Table.DUE_RESIDENT, due.key(), present ? PRESENT : null);
            if (among && resident(due) && present) {
                misplaced.add(due);
            }
        });
        unflushed.clear();
        if (apart) {
            misplaced.forEach(due -> {
                storage.put(Table.DUE, due.key(), null);
                storage.put(Table.DUE_RESIDENT, due.key(), PRESENT);
            });
            misplaced.clear();
        }
        if (windowed > 3 * window) {
            letGo();
        }
    }

    /** All is stored; what comes last leaves memory. */
    private void letGo() {
        List<Due> leaving = new ArrayList<>(windowed);
        int kept = 0;
        long lastMs = Long.MIN_VALUE;
        for (Due due : near) {
            if (resident(due)) {
                continue;
            }
            if (kept >= window && due.atMs() > lastMs) {
                if (leaving.isEmpty()) {
                    horizonMs = due.atMs();
                }
                leaving.add(due);
            } else {
                kept++;
                lastMs = due.atMs();
            }
        }
        leaving.forEach(near::remove);
        windowed -= leaving.size();
    }
}

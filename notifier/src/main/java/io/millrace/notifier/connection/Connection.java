package io.millrace.notifier.connection;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.millrace.proto.directory.ConnectionRegistrations;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection of workers, as far as it matters here: who registered and who polls through it, who was handed work, and
 * where that came from. Any thread.
 */
public final class Connection {

    static final Context.Key<Connection> KEY = Context.key("millrace-connection");

    /** The polls of a connection that ends are cancelled a moment before it is said to have ended. */
    private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** An answer reaches its worker within this, or never. */
    private static final long MOMENTS_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Workers that are remembered of one connection; only a proxy has so many. */
    private static final int MOST_REMEMBERED = 10_000;

    /** Of those that are remembered, what part is forgotten at once: it is looked through all of them for it. */
    private static final int FORGOTTEN_PART = 10;

    /** Aliases that are noted of one connection; a process has one, or a few. */
    private static final int MAX_ALIASES = 16;

    private final ConnectionRegistrations registrations = new ConnectionRegistrations();
    private final Map<Alias, Integer> aliases = new ConcurrentHashMap<>();
    private final Map<WorkerId, Worker> workers = new ConcurrentHashMap<>();
    private volatile int forgettingAt = MOST_REMEMBERED;
    private final Set<WorkerId> polled = ConcurrentHashMap.newKeySet();

    /** Through a proxy, workers of several principals may poll by one id. */
    private record Alias(String workerId, Principal principal) {}

    /** A claim whose answer is on its way, or was just now. */
    private record Handed(int partition, ByteString claimId, long atNanos) {}

    /** What was handed to a worker here, and its polls. */
    private static final class Worker {
        private final Set<Integer> partitions = ConcurrentHashMap.newKeySet(4);
        private final Deque<Handed> lately = new ArrayDeque<>(2);
        private int polls;
        private long begunNanos;
        private boolean cancelled;
        private long cancelledNanos;
    }

    /** One on a machine, as what it registered says. */
    private record Process(String hostName, String processId) {}

    private final Host host;
    private volatile boolean open;
    private volatile @Nullable Process process;
    private volatile boolean shared;
    private volatile boolean called;

    private Connection(Host host) {
        this.host = host;
    }

    /** One that nobody watches. */
    Connection() {
        this(new Host());
    }

    /** @return one whose {@link #end} will be told */
    static Connection opened(Host host) {
        Connection connection = new Connection(host);
        connection.open = true;
        return connection;
    }

    void end() {
        open = false;
    }

    /** @return whether it is known to be open */
    boolean isOpen() {
        return open;
    }

    /** @return that of the present call; one that nobody watches where the server has no {@link Connections} */
    public static Connection current() {
        Connection known = KEY.get();
        return known != null ? known : new Connection();
    }

    /** @return where it comes from */
    public Host host() {
        return host;
    }

    /** @return whether no call came through it before, or only at this very moment: what a proxy adds, it adds to each */
    boolean callsFirst() {
        boolean first = !called;
        called = true;
        return first;
    }

    /** A proxy leads calls of several clients through it. */
    void share() {
        shared = true;
    }

    /**
     * @return whether it is known to be a proxy's. Then it stays open when a worker that got work through it has died
     */
    boolean isShared() {
        return shared;
    }

    /** One of these polls through it: two processes can do so through a proxy only. */
    public void carries(List<WorkerRegistration> registrations) {
        if (shared || registrations.size() != 1) {
            return;
        }
        WorkerRegistration one = registrations.getFirst();
        Process polling = new Process(one.getHostName(), one.getProcessId());
        Process known = process;
        if (known == null) {
            process = polling;
        } else if (!known.equals(polling)) {
            shared = true;
        }
    }

    /** @return the registrations that were made through it */
    ConnectionRegistrations registrations() {
        return registrations;
    }

    /** @return whether it is news here that the principal's worker_id stands for so many registrations, and worth noting */
    boolean isNewAlias(String workerId, Principal principal, int standsFor) {
        Alias alias = new Alias(workerId, principal);
        Integer before = aliases.get(alias);
        if (before != null ? before == standsFor : aliases.size() >= MAX_ALIASES) {
            return false;
        }
        aliases.put(alias, standsFor);
        return true;
    }

    /** @return whether the worker has not polled through here before, as far as is remembered */
    boolean pollsFirst(WorkerId worker) {
        if (polled.size() >= MOST_REMEMBERED) {
            polled.clear();
        }
        return polled.add(worker);
    }

    /** @return who has polled through here, as far as is remembered */
    Set<WorkerId> polled() {
        return polled;
    }

    /** A poll of the worker begins. */
    public void polls(WorkerId worker) {
        if (workers.size() >= forgettingAt) {
            forgetSome();
        }
        long nowNanos = System.nanoTime();
        workers.compute(worker, (id, known) -> {
            Worker polling = known == null ? new Worker() : known;
            polling.polls++;
            polling.begunNanos = nowNanos;
            return polling;
        });
    }

    /** Those that have not polled for longest. What they have in their hands is left to its leases when the connection ends. */
    private void forgetSome() {
        Map<WorkerId, Long> idleNanos = new HashMap<>();
        long nowNanos = System.nanoTime();
        workers.keySet()
                .forEach(worker -> workers.computeIfPresent(worker, (id, known) -> {
                    if (known.polls == 0) {
                        idleNanos.put(id, nowNanos - known.begunNanos);
                    }
                    return known;
                }));
        idleNanos.entrySet().stream()
                .sorted(Map.Entry.<WorkerId, Long>comparingByValue().reversed())
                .limit(MOST_REMEMBERED / FORGOTTEN_PART)
                .forEach(eldest ->
                        workers.computeIfPresent(eldest.getKey(), (id, known) -> known.polls == 0 ? null : known));
        // Those that have polls open stay: however many they are, the next poll need not look through all of them
        // again.
        forgettingAt = Math.max(MOST_REMEMBERED, workers.size() + MOST_REMEMBERED / FORGOTTEN_PART);
    }

    /** @return when its last poll through here began, by the monotonic clock; now, if one is open; empty: none is remembered */
    OptionalLong polledNanos(WorkerId worker) {
        long[] polled = new long[1];
        boolean known = workers.computeIfPresent(worker, (id, polling) -> {
                    polled[0] = polling.polls > 0 ? System.nanoTime() : polling.begunNanos;
                    return polling;
                })
                != null;
        return known ? OptionalLong.of(polled[0]) : OptionalLong.empty();
    }

    /** A poll of the worker is over. */
    public void polled(WorkerId worker, boolean cancelled) {
        workers.computeIfPresent(worker, (id, polling) -> {
            polling.polls--;
            polling.cancelled = cancelled;
            polling.cancelledNanos = System.nanoTime();
            return polling.polls == 0 && polling.partitions.isEmpty() ? null : polling;
        });
    }

    /** The worker is about to get work of the partition, by the claim. */
    public void handed(WorkerId worker, int partition, ByteString claimId) {
        long nowNanos = System.nanoTime();
        workers.compute(worker, (id, known) -> {
            Worker taking = known == null ? new Worker() : known;
            taking.partitions.add(partition);
            while (!taking.lately.isEmpty() && nowNanos - taking.lately.getFirst().atNanos > MOMENTS_NANOS) {
                taking.lately.removeFirst();
            }
            taking.lately.addLast(new Handed(partition, claimId, nowNanos));
            return taking;
        });
    }

    /**
     * The transport takes an answer whether or not it gets through.
     *
     * @return by partition, the claims that may not have reached the worker, if the connection has ended just now
     */
    Map<Integer, List<ByteString>> inDoubt(WorkerId worker) {
        long nowNanos = System.nanoTime();
        Map<Integer, List<ByteString>> inDoubt = new HashMap<>();
        workers.computeIfPresent(worker, (id, taking) -> {
            for (Handed each : taking.lately) {
                if (nowNanos - each.atNanos <= MOMENTS_NANOS) {
                    inDoubt.computeIfAbsent(each.partition, partition -> new ArrayList<>())
                            .add(each.claimId);
                }
            }
            return taking;
        });
        return inDoubt;
    }

    /** @return the partitions of all work that the workers got through here */
    Map<WorkerId, Set<Integer>> handed() {
        Map<WorkerId, Set<Integer>> handed = new ConcurrentHashMap<>();
        workers.forEach((id, worker) -> {
            if (!worker.partitions.isEmpty()) {
                handed.put(id, worker.partitions);
            }
        });
        return handed;
    }

    /** @return whether the worker waited for work when the connection ended, just now */
    boolean waited(WorkerId worker) {
        boolean[] waited = new boolean[1];
        workers.computeIfPresent(worker, (id, polling) -> {
            waited[0] =
                    polling.polls > 0 || polling.cancelled && System.nanoTime() - polling.cancelledNanos < MOMENT_NANOS;
            return polling;
        });
        return waited[0];
    }
}

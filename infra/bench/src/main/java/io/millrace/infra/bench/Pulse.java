package io.millrace.infra.bench;

import io.millrace.proto.Shards;
import io.millrace.proto.thread.Recurring;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a little work on each partition. Every few milliseconds a workflow begins, whatever has become of earlier ones:
 * start → held by a worker → history read → completed → read once more. It notes how long each partition stood still:
 * the longest time between two acknowledged completions. Any thread.
 */
final class Pulse implements AutoCloseable {

    /** Time between two workflows of a partition. A pause that is shorter cannot be seen. */
    static final Duration INTERVAL = Duration.ofMillis(100);

    private static final String KIND = "bench-pulse";

    private final Nodes nodes;
    private final int partitions;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("bench-pulse").daemon(true).factory());
    private final ReadGuard guard;
    private final List<PulseWorker> workers = new ArrayList<>();
    /** Start times of the workflows that are not through, by their keys. */
    private final Map<String, Long> open = new ConcurrentHashMap<>();
    /**
     * Workflows of which only the start or only the completion was acknowledged: the key, or nothing if the start was
     * not.
     */
    private final Map<String, String> halfDone = new ConcurrentHashMap<>();
    /** Workflows that were completed. */
    private final Set<String> through = ConcurrentHashMap.newKeySet();

    private final AtomicLong[] lastNanos;
    private final AtomicLong[] pauseNanos;
    private final AtomicLong keys = new AtomicLong();
    private final AtomicLong slowestNanos = new AtomicLong();
    private volatile @Nullable Throwable failure;

    Pulse(List<InetSocketAddress> addresses, int partitions) {
        this.partitions = partitions;
        nodes = new Nodes(addresses, timer);
        guard = new ReadGuard(nodes, timer, this::failed);
        lastNanos = new AtomicLong[partitions];
        pauseNanos = new AtomicLong[partitions];
        long now = System.nanoTime();
        for (int partition = 0; partition < partitions; partition++) {
            lastNanos[partition] = new AtomicLong(now);
            pauseNanos[partition] = new AtomicLong();
            int own = partition;
            workers.add(new PulseWorker(
                    nodes, partition % addresses.size(), timer, KIND, queue(partition), id -> complete(own, id)));
        }
    }

    private static String queue(int partition) {
        return "pulse-" + partition;
    }

    void begin() {
        for (int partition = 0; partition < partitions; partition++) {
            int own = partition;
            guard.watch(key(partition));
            Recurring.start(
                    timer,
                    INTERVAL.multipliedBy(partition).dividedBy(partitions),
                    INTERVAL,
                    "could not start a workflow",
                    () -> startOne(own));
        }
    }

    /** @return a key that lives in the partition and that no workflow has had */
    private String key(int partition) {
        UUID org = UUID.fromString(BenchClient.ORG);
        String key;
        do {
            key = "pulse-" + keys.getAndIncrement();
        } while (Shards.partition(Shards.of(org, key), partitions) != partition);
        return key;
    }

    private void startOne(int partition) {
        String key = key(partition);
        open.put(key, System.nanoTime());
        nodes.call(client -> client.startOnce(KIND, queue(partition), key)).whenComplete((id, refusal) -> {
            if (refusal != null) {
                failed(refusal);
            } else {
                guard.read(id, 1);
                half(id, key);
            }
        });
    }

    /** A workflow is through when both its starter and its worker have heard of it, in either order. */
    private void half(String id, String key) {
        String other = halfDone.putIfAbsent(id, key);
        if (other != null) {
            halfDone.remove(id);
            slowestNanos.accumulateAndGet(
                    System.nanoTime() - Objects.requireNonNull(open.remove(key + other), "start of a workflow"),
                    Math::max);
        }
    }

    private void complete(int partition, String id) {
        guard.read(id, 1)
                .thenCompose(read -> nodes.call(client -> client.complete(id)))
                .thenCompose(done -> guard.read(id, 1))
                .whenComplete((events, refusal) -> {
                    if (refusal != null) {
                        failed(refusal);
                    } else if (events > 1 && through.add(id)) {
                        flowed(partition);
                        half(id, "");
                        guard.read(id, events);
                    } // else it was held no more, and is handed out again
                });
    }

    private void flowed(int partition) {
        long now = System.nanoTime();
        long since = now - lastNanos[partition].getAndAccumulate(now, Math::max);
        pauseNanos[partition].accumulateAndGet(since, Math::max);
    }

    private void failed(Throwable error) {
        failure = error;
    }

    /** Forgets the pauses and the slow workflows so far. A pause that goes on still counts from its beginning. */
    void forget() {
        for (AtomicLong pause : pauseNanos) {
            pause.set(0);
        }
        slowestNanos.set(0);
    }

    /**
     * @return the longest pause of the partition since the last {@link #forget}, also if it still goes on; milliseconds
     */
    double pauseMs(int partition) {
        return Math.max(pauseNanos[partition].get(), System.nanoTime() - lastNanos[partition].get()) / 1e6;
    }

    /** @return when work of the partition was last acknowledged, as of {@link System#nanoTime} */
    long lastNanos(int partition) {
        return lastNanos[partition].get();
    }

    /** @return whether no workflow is open that began before this time, as of {@link System#nanoTime} */
    boolean throughBefore(long nanos) {
        return open.values().stream().noneMatch(begun -> begun - nanos < 0);
    }

    /**
     * @return the longest time from start to completion of a workflow that ended since the last {@link #forget};
     *     milliseconds
     */
    double slowestMs() {
        return slowestNanos.get() / 1e6;
    }

    /** Ends the connections to the node, and lets clients call the others. */
    void away(int node) {
        nodes.away(node);
        workers.forEach(worker -> worker.leave(node));
    }

    /** Lets clients call the node again. */
    void back(int node) {
        nodes.back(node);
    }

    /** @return number of reads that went back so far */
    int readsBack() {
        return guard.back();
    }

    /** @return number of reads that were checked so far */
    long reads() {
        return guard.reads();
    }

    /** @return what is under way, for people who wonder why it takes so long */
    String describe() {
        return open.size() + " workflows open, pauses of "
                + IntStream.range(0, partitions)
                        .mapToObj(partition -> Math.round(pauseMs(partition)) + " ms")
                        .toList();
    }

    /** @throws IllegalStateException if a call was refused */
    void check() {
        if (failure != null) {
            throw new IllegalStateException(
                    "expected every call to succeed in the end, but one was refused: " + failure, failure);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        workers.forEach(PulseWorker::close);
        nodes.close();
    }
}

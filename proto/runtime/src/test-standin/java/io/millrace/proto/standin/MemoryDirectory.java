package io.millrace.proto.standin;

import io.millrace.proto.directory.Directory;
import io.millrace.proto.directory.DirectoryEntries;
import io.millrace.proto.directory.PartitionHolder;
import io.millrace.proto.directory.PolledQueue;
import io.millrace.proto.directory.Tenures;
import io.millrace.proto.time.SteadyClock;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.SealedKey;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A directory of one node, in memory, for tests of the modules that look into one. */
public class MemoryDirectory implements Directory {

    /** Who has which partition. */
    public final Map<Integer, PartitionHolder> holders = new ConcurrentHashMap<>();

    /** Up to which time this node hears what others tell. */
    public volatile long hearsUntilMs = Long.MAX_VALUE;

    /** How often somebody asked for how long it has heard. */
    public final AtomicInteger askedWhatItHears = new AtomicInteger();

    private final DirectoryEntries entries = new DirectoryEntries(60_000);
    private final InstantSource clock;

    public MemoryDirectory() {
        this(new SteadyClock());
    }

    /** @param clock times signs of life */
    public MemoryDirectory(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized CompletableFuture<Void> register(WorkerRegistration registration) {
        entries.accept(DirectoryRecord.newBuilder().setWorker(registration).build());
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<WorkerRegistration> worker(UUID orgId, String workerId) {
        return entries.worker(orgId, workerId, nowMs());
    }

    @Override
    public List<WorkerRegistration> named(UUID orgId, String name) {
        return entries.named(orgId, name, nowMs());
    }

    @Override
    public List<WorkerRegistration> allNamed(UUID orgId, String name) {
        return entries.allNamed(orgId, name);
    }

    @Override
    public List<WorkerRegistration> alias(UUID orgId, String workerId, Principal caller) {
        return entries.alias(orgId, workerId, caller);
    }

    @Override
    public boolean isAlias(UUID orgId, String workerId) {
        return entries.isAlias(orgId, workerId);
    }

    @Override
    public synchronized void noteAlias(
            UUID orgId, String workerId, Principal caller, List<WorkerRegistration> registrations) {
        entries.accept(DirectoryEntries.alias(orgId, workerId, caller, registrations));
    }

    @Override
    public List<WorkerRegistration> workers(UUID orgId) {
        return entries.workers(orgId);
    }

    @Override
    public void seen(UUID orgId, String workerId) {
        entries.noteSeen(orgId, workerId, nowMs(), Long.MAX_VALUE);
    }

    @Override
    public void polled(UUID orgId, String queue, WorkType type) {
        entries.notePolled(orgId, queue, type, nowMs(), Long.MAX_VALUE);
    }

    @Override
    public Optional<Collection<PolledQueue>> polledQueues(UUID orgId) {
        return entries.polledQueues(orgId);
    }

    @Override
    public void beat(UUID orgId, String workerId) {
        entries.noteBeat(orgId, workerId);
        seen(orgId, workerId);
    }

    @Override
    public boolean beats(UUID orgId, String workerId) {
        return entries.beats(orgId, workerId);
    }

    @Override
    public long nowMs() {
        return clock.millis();
    }

    @Override
    public long lastSeenMs(UUID orgId, String workerId) {
        return entries.lastSeenMs(orgId, workerId);
    }

    @Override
    public long heardForMs(long sinceMs) {
        askedWhatItHears.incrementAndGet();
        return Math.max(0, Math.min(nowMs(), hearsUntilMs) - sinceMs);
    }

    @Override
    public long elsewhereUntilMs(UUID orgId, String workerId) {
        return 0;
    }

    @Override
    public CompletableFuture<Void> announce(DispatcherNode dispatcher) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<Map<String, String>> noted(String subject) {
        return Optional.empty();
    }

    @Override
    public CompletableFuture<Void> keepNoted(String subject, Map<String, String> entries) {
        throw new UnsupportedOperationException("nothing is noted of nodes here");
    }

    @Override
    public synchronized CompletableFuture<Void> keepKey(SealedKey key) {
        entries.accept(DirectoryRecord.newBuilder().setApiKey(key).build());
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void followKeys(Consumer<SealedKey> listener) {
        entries.followKeys(listener);
    }

    @Override
    public Tenures tenures(String node, String host, int port, int knownRules) {
        throw new UnsupportedOperationException("no dispatcher announces itself here");
    }

    @Override
    public Optional<PartitionHolder> holderOf(int partition) {
        return Optional.ofNullable(holders.get(partition));
    }

    @Override
    public Collection<DispatcherNode> dispatchers() {
        return holders.values().stream().map(PartitionHolder::node).distinct().toList();
    }

    @Override
    public void close() {}
}

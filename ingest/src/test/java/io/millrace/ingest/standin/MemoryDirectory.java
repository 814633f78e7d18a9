package io.millrace.ingest.standin;

import io.millrace.proto.Ids;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A directory of one node, in memory. */
public final class MemoryDirectory implements Directory {

    private final List<WorkerRegistration> workers = new CopyOnWriteArrayList<>();
    private final Map<String, Long> seen = new ConcurrentHashMap<>();
    private final Set<String> beating = ConcurrentHashMap.newKeySet();

    @Override
    public CompletableFuture<Void> register(WorkerRegistration registration) {
        workers.add(registration);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<WorkerRegistration> worker(UUID orgId, String workerId) {
        return workers(orgId).stream()
                .filter(worker -> Ids.fromBytes(worker.getWorkerId()).toString().equals(workerId))
                .findFirst();
    }

    @Override
    public List<WorkerRegistration> workers(UUID orgId) {
        return workers.stream()
                .filter(worker -> Ids.fromBytes(worker.getOrgId()).equals(orgId))
                .toList();
    }

    @Override
    public void seen(UUID orgId, String workerId) {
        seen.put(orgId + workerId, System.currentTimeMillis());
    }

    @Override
    public void beat(UUID orgId, String workerId) {
        beating.add(orgId + workerId);
        seen(orgId, workerId);
    }

    @Override
    public boolean beats(UUID orgId, String workerId) {
        return beating.contains(orgId + workerId);
    }

    @Override
    public long lastSeenMs(UUID orgId, String workerId) {
        return seen.getOrDefault(orgId + workerId, 0L);
    }

    @Override
    public CompletableFuture<Void> announce(DispatcherNode dispatcher) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<DispatcherNode> dispatcherOf(int partition) {
        return Optional.empty();
    }

    @Override
    public Collection<DispatcherNode> dispatchers() {
        return List.of();
    }

    @Override
    public void close() {}
}

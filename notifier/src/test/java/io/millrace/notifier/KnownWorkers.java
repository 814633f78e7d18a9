package io.millrace.notifier;

import io.millrace.proto.Ids;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.WorkerRegistration;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A directory in memory, by name only. */
final class KnownWorkers implements Directory {

    private final Map<String, WorkerRegistration> workers = new ConcurrentHashMap<>();
    private final Map<String, Long> seen = new ConcurrentHashMap<>();
    private final Set<String> beating = ConcurrentHashMap.newKeySet();

    void register(String name, List<String> workflowKinds, List<String> taskKinds) {
        workers.put(name, WorkerRegistration.newBuilder()
                .setWorkerId(Ids.toByteString(id(name)))
                .setName(name)
                .addAllWorkflowKinds(workflowKinds)
                .addAllTaskKinds(taskKinds)
                .build());
    }

    /** @return the id under which a worker of that name is registered */
    static UUID id(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public CompletableFuture<Void> register(WorkerRegistration registration) {
        workers.put(registration.getName(), registration);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Optional<WorkerRegistration> worker(UUID orgId, String workerId) {
        return Optional.ofNullable(workers.get(workerId));
    }

    @Override
    public List<WorkerRegistration> workers(UUID orgId) {
        return new ArrayList<>(workers.values());
    }

    @Override
    public void seen(UUID orgId, String workerId) {
        seen.put(workerId, System.currentTimeMillis());
    }

    @Override
    public void beat(UUID orgId, String workerId) {
        beating.add(workerId);
        seen(orgId, workerId);
    }

    @Override
    public boolean beats(UUID orgId, String workerId) {
        return beating.contains(workerId);
    }

    @Override
    public long lastSeenMs(UUID orgId, String workerId) {
        return seen.getOrDefault(workerId, 0L);
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

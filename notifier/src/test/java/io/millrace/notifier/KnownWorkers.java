package io.millrace.notifier;

import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.directory.DirectoryEntries;
import io.millrace.proto.directory.PartitionHolder;
import io.millrace.proto.directory.Tenures;
import io.millrace.proto.time.SteadyClock;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.SealedKey;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A directory of one node, in memory. */
final class KnownWorkers implements Directory {

    private final DirectoryEntries entries = new DirectoryEntries(60_000);
    private final SteadyClock clock = new SteadyClock();
    private final Set<String> elsewhere = ConcurrentHashMap.newKeySet();

    /** @return the id that it got */
    UUID register(String name, List<String> workflowKinds, List<String> taskKinds) {
        return register(name, "", workflowKinds, taskKinds);
    }

    /** @return the id that it got */
    UUID register(String name, String host, List<String> workflowKinds, List<String> taskKinds) {
        return register(Principal.getDefaultInstance(), name, host, workflowKinds, taskKinds);
    }

    /** @return the id that it got */
    UUID register(Principal owner, String name, String host, List<String> workflowKinds, List<String> taskKinds) {
        UUID id = Shards.newId();
        register(WorkerRegistration.newBuilder()
                .setOrgId(Ids.toByteString(Stage.ORG))
                .setWorkerId(Ids.toByteString(id))
                .setPrincipal(owner)
                .setName(name)
                .setHostName(host)
                .setRegisteredAtMs(System.currentTimeMillis())
                .addAllWorkflowKinds(workflowKinds)
                .addAllTaskKinds(taskKinds)
                .build());
        seen(Stage.ORG, id.toString());
        return id;
    }

    /** Another node told that the worker lives there, and need not tell it again in the next minute. */
    void livesElsewhere(String workerId) {
        elsewhere.add(workerId);
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
    public long elsewhereUntilMs(UUID orgId, String workerId) {
        return elsewhere.contains(workerId) ? nowMs() + 60_000 : 0;
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
        return Optional.empty();
    }

    @Override
    public Collection<DispatcherNode> dispatchers() {
        return List.of();
    }

    @Override
    public void close() {}
}

package io.millrace.proto.directory;

import io.millrace.proto.Ids;
import io.millrace.proto.v1.DirectoryRecord;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.WorkerRegistration;
import io.millrace.proto.v1.WorkerSeen;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The directory in memory: what the records said so far. Records come from one thread, look-ups from any. */
final class DirectoryEntries {

    private static final Comparator<WorkerRegistration> NEWEST_FIRST = Comparator.comparingLong(
                    WorkerRegistration::getRegisteredAtMs)
            .reversed()
            .thenComparing(registration -> Ids.fromBytes(registration.getWorkerId()));

    private final Map<UUID, WorkerRegistration> byId = new ConcurrentHashMap<>();
    private final Map<NameKey, WorkerRegistration> newestByName = new ConcurrentHashMap<>();
    private final Map<NameKey, Long> seen = new ConcurrentHashMap<>();
    private final Map<NameKey, Long> told = new ConcurrentHashMap<>();
    private final Set<NameKey> beating = ConcurrentHashMap.newKeySet();
    private final Map<String, DispatcherNode> dispatchers = new ConcurrentHashMap<>();
    private volatile Map<Integer, DispatcherNode> owners = Map.of();

    private record NameKey(UUID orgId, String name) {}

    void accept(DirectoryRecord record) {
        switch (record.getEntryCase()) {
            case WORKER -> worker(record.getWorker());
            case WORKER_SEEN -> seen(record.getWorkerSeen());
            case DISPATCHER -> dispatcher(record.getDispatcher());
            case ENTRY_NOT_SET -> {} // of a later version: nothing that this one could use
        }
    }

    private void worker(WorkerRegistration registration) {
        UUID orgId = Ids.fromBytes(registration.getOrgId());
        byId.put(Ids.fromBytes(registration.getWorkerId()), registration);
        newestByName.merge(
                new NameKey(orgId, registration.getName()),
                registration,
                (known, added) -> added.getRegisteredAtMs() >= known.getRegisteredAtMs() ? added : known);
    }

    private void seen(WorkerSeen record) {
        NameKey key = new NameKey(Ids.fromBytes(record.getOrgId()), record.getWorkerId());
        seen.merge(key, record.getSeenAtMs(), Math::max);
        if (record.getBeats()) {
            beating.add(key);
        }
    }

    private void dispatcher(DispatcherNode node) {
        dispatchers.put(node.getNode(), node);
        Map<Integer, DispatcherNode> latest = new ConcurrentHashMap<>();
        for (DispatcherNode each : dispatchers.values()) {
            for (int partition : each.getPartitionsList()) {
                latest.merge(partition, each, (a, b) -> a.getSinceMs() >= b.getSinceMs() ? a : b);
            }
        }
        owners = latest;
    }

    /** Notes a sign of life. @return whether it is so much newer than the last one told to others that it is worth telling */
    boolean noteSeen(UUID orgId, String workerId, long nowMs, long intervalMs) {
        NameKey key = new NameKey(orgId, workerId);
        seen.merge(key, nowMs, Math::max);
        Long before = told.get(key);
        if (before != null && nowMs - before < intervalMs) {
            return false;
        }
        told.put(key, nowMs);
        return true;
    }

    void noteBeat(UUID orgId, String workerId) {
        beating.add(new NameKey(orgId, workerId));
    }

    boolean beats(UUID orgId, String workerId) {
        return beating.contains(new NameKey(orgId, workerId));
    }

    Optional<WorkerRegistration> worker(UUID orgId, String workerId) {
        Optional<WorkerRegistration> registration = Ids.parse(workerId)
                .map(byId::get)
                .filter(found -> Ids.fromBytes(found.getOrgId()).equals(orgId));
        return registration.isPresent()
                ? registration
                : Optional.ofNullable(newestByName.get(new NameKey(orgId, workerId)));
    }

    List<WorkerRegistration> workers(UUID orgId) {
        return byId.values().stream()
                .filter(registration -> Ids.fromBytes(registration.getOrgId()).equals(orgId))
                .sorted(NEWEST_FIRST)
                .toList();
    }

    long lastSeenMs(UUID orgId, String workerId) {
        return seen.getOrDefault(new NameKey(orgId, workerId), 0L);
    }

    Optional<DispatcherNode> dispatcherOf(int partition) {
        return Optional.ofNullable(owners.get(partition));
    }

    Collection<DispatcherNode> dispatchers() {
        return Collections.unmodifiableCollection(
                dispatchers.values().stream().filter(node -> node.getPartitionsCount() > 0).toList());
    }
}

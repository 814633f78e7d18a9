package io.millrace.notifier.connection;

import io.millrace.notifier.queue.WorkerKinds;
import io.millrace.proto.Ids;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Finds out which registration the worker_id of a poll or a subscription stands for. In this order:
 *
 * <ol>
 *   <li>the one with that UUID;
 *   <li>those of that name that were made on the same connection: names are not unique;
 *   <li>the newest living one of that name;
 *   <li>all that were made on the same connection, whatever their names, which is noted for the time when that connection
 *       is gone;
 *   <li>those that were noted so.
 *       </ol>
 *
 * <p>The name goes before the connection alone, since a proxy may lead several workers through one connection. A worker
 * holds work by the UUID of its registration, so that another one of its name is not taken for it. Only where several
 * of a name live, and the connection does not tell them apart, does it hold work by the name. Safe from any thread.
 */
public final class Identities {

    private static final int MOST_KNOWN = 10_000;

    private final Directory directory;
    private final Map<String, Identity> byUuid = new ConcurrentHashMap<>();

    /** @param directory knows the registrations */
    public Identities(Directory directory) {
        this.directory = directory;
    }

    /** @return who calls itself so on the connection */
    public Identity of(UUID orgId, String workerId, Connection connection) {
        Optional<Identity> issued =
                Ids.parse(workerId).flatMap(id -> registration(orgId, id)).map(found -> byUuid(orgId, workerId, found));
        if (issued.isPresent()) {
            return issued.get();
        }
        List<WorkerRegistration> here = connection.registrations().workerIds().stream()
                .flatMap(id -> registration(orgId, id).stream())
                .toList();
        List<WorkerRegistration> namedHere =
                here.stream().filter(each -> each.getName().equals(workerId)).toList();
        if (!namedHere.isEmpty()) {
            return registered(orgId, workerId, namedHere, false);
        }
        List<WorkerRegistration> named = directory.named(orgId, workerId);
        if (named.size() > 1) {
            WorkerKinds newest = WorkerKinds.of(named.subList(0, 1));
            return new Identity(new WorkerId(orgId, workerId, workerId), named, newest, List.of(workerId));
        }
        if (!named.isEmpty()) {
            return registered(orgId, workerId, named, true);
        }
        if (!here.isEmpty()) {
            if (connection.isNewAlias(workerId, here.size())) {
                directory.noteAlias(orgId, workerId, here);
            }
            return registered(orgId, workerId, here, false);
        }
        List<WorkerRegistration> noted = directory.alias(orgId, workerId);
        return noted.isEmpty()
                ? new Identity(new WorkerId(orgId, workerId, workerId), noted, WorkerKinds.of(noted), List.of(workerId))
                : registered(orgId, workerId, noted, true);
    }

    /** Polls come by the thousand, and registrations never change. */
    private Identity byUuid(UUID orgId, String workerId, WorkerRegistration issued) {
        Identity known = byUuid.get(workerId);
        if (known != null && known.registrations().get(0) == issued) {
            return known;
        }
        if (byUuid.size() >= MOST_KNOWN) {
            byUuid.clear();
        }
        Identity identity = registered(orgId, workerId, List.of(issued), false);
        byUuid.put(workerId, identity);
        return identity;
    }

    private Optional<WorkerRegistration> registration(UUID orgId, UUID id) {
        return directory.worker(orgId, id.toString()).filter(found -> id(found).equals(id));
    }

    /**
     * @param registrations oldest first
     * @param byItsWord whether nothing but the worker_id says so: then another may call itself the same
     */
    private static Identity registered(
            UUID orgId, String workerId, List<WorkerRegistration> registrations, boolean byItsWord) {
        List<String> ids =
                registrations.stream().map(each -> id(each).toString()).toList();
        List<String> signs =
                byItsWord ? Stream.concat(ids.stream(), Stream.of(workerId)).toList() : ids;
        WorkerId worker = new WorkerId(orgId, ids.get(ids.size() - 1), workerId);
        return new Identity(worker, registrations, WorkerKinds.of(registrations), signs);
    }

    private static UUID id(WorkerRegistration registration) {
        return Ids.fromBytes(registration.getWorkerId());
    }
}

package io.millrace.notifier.connection;

import io.millrace.notifier.queue.WorkerKinds;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Principals;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.Principal;
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
 *       is gone, for polls of the same principal;
 *   <li>those that were noted so.
 *       </ol>
 *
 * <p>A registration counts for its own principal only, and one that nobody in particular has made for all. Who polls by the id or
 * the name of another principal's worker is a worker of its own, which nobody knows but by its connections.
 *
 * <p>The name goes before the connection alone, since a proxy may lead several workers through one connection. A worker
 * holds work by the UUID of its registration, so that another one of its name is not taken for it. Only where several
 * of a name live, and the connection does not tell them apart, does it hold work by the name. Safe from any thread.
 */
public final class Identities {

    private static final int MOST_KNOWN = 10_000;

    private final Directory directory;
    private final Map<Known, Identity> byUuid = new ConcurrentHashMap<>();

    private record Known(String workerId, Principal principal) {}

    /** @param directory knows the registrations */
    public Identities(Directory directory) {
        this.directory = directory;
    }

    /** @return who calls itself so on the connection, with the key of that caller */
    public Identity of(UUID orgId, String workerId, Connection connection, Principal caller) {
        Optional<WorkerRegistration> issued = Ids.parse(workerId).flatMap(id -> registration(orgId, id));
        if (issued.isPresent() && isOf(caller, issued.get())) {
            return byUuid(orgId, new Known(workerId, Principals.identity(caller)), issued.get());
        }
        List<WorkerRegistration> here = connection.registrations().workerIds().stream()
                .flatMap(id -> registration(orgId, id).stream())
                .filter(each -> isOf(caller, each))
                .toList();
        List<WorkerRegistration> namedHere =
                here.stream().filter(each -> each.getName().equals(workerId)).toList();
        WorkerId asPolled = new WorkerId(orgId, workerId, workerId, Principals.identity(caller));
        if (!namedHere.isEmpty()) {
            return registered(called(asPolled, namedHere), namedHere, false);
        }
        List<WorkerRegistration> allNamed = directory.named(orgId, workerId);
        List<WorkerRegistration> named = named(orgId, workerId, caller, allNamed);
        if (named.size() > 1) {
            WorkerKinds newest = WorkerKinds.of(named.subList(0, 1));
            List<String> signs = named.stream()
                    .map(each -> Principals.bound(workerId, each.getPrincipal()))
                    .distinct()
                    .toList();
            return new Identity(called(asPolled, named), named, newest, signs);
        }
        if (!named.isEmpty()) {
            return registered(called(asPolled, named), named, true);
        }
        WorkerId alias = Principals.isKnown(caller) ? ofItsOwn(asPolled) : asPolled;
        if (!here.isEmpty()) {
            if (connection.isNewAlias(workerId, asPolled.principal(), here.size())) {
                directory.noteAlias(orgId, workerId, caller, here);
            }
            return registered(alias, here, false);
        }
        List<WorkerRegistration> noted = directory.alias(orgId, workerId, caller).stream()
                .filter(each -> isOf(caller, each))
                .toList();
        if (!noted.isEmpty()) {
            return registered(alias, noted, true);
        }
        boolean isOfAnother = issued.isPresent() || !allNamed.isEmpty() || directory.isAlias(orgId, workerId);
        WorkerId stranger = isOfAnother ? ofItsOwn(asPolled) : asPolled;
        return new Identity(stranger, List.of(), WorkerKinds.of(List.of()), List.of(stranger.workerId()));
    }

    /** Those of another principal may live while the caller's are silent. */
    private List<WorkerRegistration> named(
            UUID orgId, String name, Principal caller, List<WorkerRegistration> allNamed) {
        List<WorkerRegistration> own =
                allNamed.stream().filter(each -> isOf(caller, each)).toList();
        return own.isEmpty() && !allNamed.isEmpty()
                ? directory.allNamed(orgId, name).stream()
                        .filter(each -> isOf(caller, each))
                        .limit(1)
                        .toList()
                : own;
    }

    /** What it calls itself is its principal's name, unless nobody in particular has registered it. */
    private static WorkerId called(WorkerId asPolled, List<WorkerRegistration> named) {
        String name = named.stream()
                .map(WorkerRegistration::getPrincipal)
                .filter(Principals::isKnown)
                .findFirst()
                .map(owner -> Principals.bound(asPolled.polledAs(), owner))
                .orElse(asPolled.polledAs());
        return new WorkerId(asPolled.orgId(), asPolled.workerId(), name, asPolled.principal());
    }

    /** Work that it gets, and its signs of life, must not pass for those of the worker that it calls itself. */
    private static WorkerId ofItsOwn(WorkerId asPolled) {
        Principal principal = asPolled.principal();
        boolean isNobody = principal.equals(Principal.getDefaultInstance());
        String own = asPolled.polledAs()
                + Principals.OF
                + (isNobody ? "nobody" : principal.getType() + " " + principal.getId());
        return new WorkerId(asPolled.orgId(), own, own, principal);
    }

    private static boolean isOf(Principal caller, WorkerRegistration registration) {
        return Principals.mayUse(caller, registration.getPrincipal());
    }

    /** Polls come by the thousand, and registrations never change. */
    private Identity byUuid(UUID orgId, Known who, WorkerRegistration issued) {
        Identity known = byUuid.get(who);
        if (known != null && known.registrations().get(0) == issued) {
            return known;
        }
        if (byUuid.size() >= MOST_KNOWN) {
            byUuid.clear();
        }
        WorkerId asPolled = new WorkerId(orgId, who.workerId(), who.workerId(), who.principal());
        Identity identity = registered(asPolled, List.of(issued), false);
        byUuid.put(who, identity);
        return identity;
    }

    private Optional<WorkerRegistration> registration(UUID orgId, UUID id) {
        return directory.worker(orgId, id.toString()).filter(found -> id(found).equals(id));
    }

    /**
     * @param asPolled it, by what it calls itself
     * @param registrations oldest first
     * @param byItsWord whether nothing but the worker_id says so: then another may call itself the same
     */
    private static Identity registered(WorkerId asPolled, List<WorkerRegistration> registrations, boolean byItsWord) {
        List<String> ids =
                registrations.stream().map(each -> id(each).toString()).toList();
        List<String> signs = byItsWord
                ? Stream.concat(ids.stream(), Stream.of(asPolled.polledAs())).toList()
                : ids;
        WorkerId worker =
                new WorkerId(asPolled.orgId(), ids.get(ids.size() - 1), asPolled.polledAs(), asPolled.principal());
        return new Identity(worker, registrations, WorkerKinds.of(registrations), signs);
    }

    private static UUID id(WorkerRegistration registration) {
        return Ids.fromBytes(registration.getWorkerId());
    }
}

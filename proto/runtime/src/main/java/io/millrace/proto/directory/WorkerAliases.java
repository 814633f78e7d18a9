package io.millrace.proto.directory;

import io.millrace.proto.Ids;
import io.millrace.proto.auth.Principals;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.WorkerAlias;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * What the worker_ids of polls stand for that are neither ids of the server's nor names. Workers of several principals may call
 * themselves the same, so each principal has its own. Changes come from one thread, look-ups from any.
 */
final class WorkerAliases {

    /** Keys of aliases of nobody in particular begin so: of callers that showed nothing, and of old records. */
    static final String OF_NOBODY = "alias";

    /** Keys of all others begin so. */
    static final String OF_PRINCIPAL = "alias-of";

    private static final Principal NOBODY = Principal.getDefaultInstance();

    private final Map<Name, Map<Principal, List<UUID>>> known = new ConcurrentHashMap<>();

    private record Name(UUID orgId, String workerId) {}

    /** @return the principal as aliases name it: type and id */
    static Principal owner(Principal caller) {
        return Principals.identity(caller);
    }

    /** @return the key of the record on the topic; parts are divided by slashes, which the last one may have too */
    static String key(WorkerAlias record) {
        return key(Ids.fromBytes(record.getOrgId()), record.getPrincipal(), record.getWorkerId());
    }

    private static String key(UUID orgId, Principal owner, String workerId) {
        return owner.equals(NOBODY)
                ? OF_NOBODY + "/" + orgId + "/" + workerId
                : OF_PRINCIPAL + "/" + orgId + "/" + owner.getTypeValue() + "/"
                        + URLEncoder.encode(owner.getId(), StandardCharsets.UTF_8) + "/" + workerId;
    }

    /** @return whether it is a further one */
    boolean add(WorkerAlias record) {
        List<UUID> registrations =
                record.getRegistrationsList().stream().map(Ids::fromBytes).toList();
        boolean[] isNew = new boolean[1];
        known.compute(new Name(Ids.fromBytes(record.getOrgId()), record.getWorkerId()), (name, before) -> {
            Map<Principal, List<UUID>> after = new HashMap<>(before == null ? Map.of() : before);
            isNew[0] = after.put(record.getPrincipal(), registrations) == null;
            return Map.copyOf(after);
        });
        return isNew[0];
    }

    /** @return whether it was there */
    boolean remove(String key) {
        String[] parts = key.split("/", key.startsWith(OF_PRINCIPAL + "/") ? 5 : 3);
        Principal owner = parts.length == 3
                ? NOBODY
                : Principal.newBuilder()
                        .setTypeValue(Integer.parseInt(parts[2]))
                        .setId(URLDecoder.decode(parts[3], StandardCharsets.UTF_8))
                        .build();
        boolean[] wasThere = new boolean[1];
        known.computeIfPresent(new Name(UUID.fromString(parts[1]), parts[parts.length - 1]), (name, before) -> {
            Map<Principal, List<UUID>> after = new HashMap<>(before);
            wasThere[0] = after.remove(owner) != null;
            return after.isEmpty() ? null : Map.copyOf(after);
        });
        return wasThere[0];
    }

    /** @return by owner, the registrations that the worker_id stands for */
    Map<Principal, List<UUID>> of(UUID orgId, String workerId) {
        return known.getOrDefault(new Name(orgId, workerId), Map.of());
    }

    /** Hands over the keys of all, and the registrations that they stand for. */
    void forEach(BiConsumer<String, List<UUID>> action) {
        known.forEach((name, byOwner) -> byOwner.forEach(
                (owner, registrations) -> action.accept(key(name.orgId, owner, name.workerId), registrations)));
    }
}

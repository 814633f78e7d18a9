package io.millrace.proto.directory;

import io.grpc.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The registrations that were made on one connection. gRPC's context carries them to the calls that make or need them.
 * A worker registers and polls on the same connection, but may poll by another name than it registered under. Safe from
 * any thread.
 */
public final class ConnectionRegistrations {

    /** Set on calls whose connection is watched. */
    public static final Context.Key<ConnectionRegistrations> KEY = Context.key("millrace-connection-registrations");

    /** Most registrations of a connection that are remembered, the newest ones. A process has one, or a few. */
    private static final int MAX = 64;

    private volatile List<UUID> workerIds = List.of();

    /**
     * @return the registrations of the present call's connection; where it is not watched, new ones that nobody else
     *     sees
     */
    public static ConnectionRegistrations current() {
        ConnectionRegistrations known = KEY.get();
        return known != null ? known : new ConnectionRegistrations();
    }

    /** Adds the id of a registration that was made on this connection. */
    public synchronized void add(UUID workerId) {
        List<UUID> known = workerIds;
        List<UUID> all = new ArrayList<>(known.subList(Math.max(0, known.size() - MAX + 1), known.size()));
        all.add(workerId);
        workerIds = List.copyOf(all);
    }

    /** @return ids of the registrations, oldest first */
    public List<UUID> workerIds() {
        return workerIds;
    }
}

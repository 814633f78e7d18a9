package io.millrace.proto.directory;

import io.grpc.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The registrations that were made on one connection, carried through gRPC's context to those calls that make or need
 * them: a worker registers and polls on the same connection, but need not poll by the name that it registered under. Safe
 * from any thread.
 */
public final class ConnectionRegistrations {

    /** Set on calls whose connection is watched. */
    public static final Context.Key<ConnectionRegistrations> KEY = Context.key("millrace-connection-registrations");

    /** Registrations of a connection that are remembered, the newest; a process has one, or a few. */
    private static final int MAX = 64;

    private volatile List<UUID> workerIds = List.of();

    /** @return those of the present call's connection; one that nobody looks at where it is not watched */
    public static ConnectionRegistrations current() {
        ConnectionRegistrations known = KEY.get();
        return known != null ? known : new ConnectionRegistrations();
    }

    /** A registration was made here, and got this id. */
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

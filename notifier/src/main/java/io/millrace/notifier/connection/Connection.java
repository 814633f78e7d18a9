package io.millrace.notifier.connection;

import io.grpc.Context;
import io.millrace.notifier.poll.WorkerId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A connection of workers, as far as it matters here: who was handed work through it, and where that came from. Any thread. */
public final class Connection {

    static final Context.Key<Connection> KEY = Context.key("millrace-connection");

    private final Map<WorkerId, Set<Integer>> handed = new ConcurrentHashMap<>();

    private volatile boolean open;

    /** One that nobody watches. */
    private Connection() {}

    /** @return one whose {@link #end} will be told */
    static Connection opened() {
        Connection connection = new Connection();
        connection.open = true;
        return connection;
    }

    void end() {
        open = false;
    }

    /** @return whether it is known to be open */
    boolean isOpen() {
        return open;
    }

    /** @return that of the present call; one that nobody watches where the server has no {@link Connections} */
    public static Connection current() {
        Connection known = KEY.get();
        return known != null ? known : new Connection();
    }

    /** The worker is about to get work of the partition. */
    public void handed(WorkerId worker, int partition) {
        handed.computeIfAbsent(worker, key -> ConcurrentHashMap.newKeySet(4)).add(partition);
    }

    /** @return the partitions of all work that went through here, by worker */
    Map<WorkerId, Set<Integer>> handed() {
        return handed;
    }
}

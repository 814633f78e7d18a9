package io.millrace.proto.directory;

import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.SealedKey;
import io.millrace.proto.v1.WorkType;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What every node knows: worker registrations, which survive restarts, and which dispatcher serves which partition. It
 * is kept in memory from the compacted topic {@code millrace.directory}. Look-ups are in memory and never block; safe
 * from any thread.
 */
public interface Directory extends Dispatchers, AutoCloseable {

    /**
     * @return completes once the registration is on Kafka and look-ups of this node see it. Completes exceptionally
     *     with {@link io.millrace.proto.UnavailableException} if that takes too long, with
     *     {@link DirectoryFullException} if the organisation has too many registrations
     */
    CompletableFuture<Void> register(WorkerRegistration registration);

    /**
     * Finds the registration with this UUID, which the server issued; otherwise the first of those {@link #named} so.
     */
    Optional<WorkerRegistration> worker(UUID orgId, String workerId);

    /**
     * @return registrations of that name, newest first: those whose UUID gave a sign of life lately, or only the newest
     *     if none did
     */
    List<WorkerRegistration> named(UUID orgId, String name);

    /** @return registrations of that name, newest first, alive or not; at most some hundred */
    List<WorkerRegistration> allNamed(UUID orgId, String name);

    /**
     * @return the registrations that a worker_id in the caller's polls stands for, if it is neither the UUID nor the name of a worker of
     *     theirs; as far as that was noted for their principal, or else for nobody in particular
     */
    List<WorkerRegistration> alias(UUID orgId, String workerId, Principal caller);

    /** @return whether registrations were noted for which the worker_id stands in anybody's polls */
    boolean isAlias(UUID orgId, String workerId);

    /**
     * Notes for all nodes which registrations a worker_id stands for in polls of the caller's principal. Nobody waits for it: each
     * connection notes it anew.
     */
    void noteAlias(UUID orgId, String workerId, Principal caller, List<WorkerRegistration> registrations);

    /** @return all registrations of the organisation, newest first */
    List<WorkerRegistration> workers(UUID orgId);

    /** Notes that the worker gave a sign of life now: in memory at once, and for other nodes at long intervals. */
    void seen(UUID orgId, String workerId);

    /**
     * Notes that somebody has a poll for work of the queue open now: in memory at once, and for other nodes at long intervals. Of an
     * organisation with a great many queues not all are noted.
     */
    void polled(UUID orgId, String queue, WorkType type);

    /**
     * @return the queues that somebody has polled of late on any node, and until when, in no order; empty: there are so many that not
     *     all are known
     */
    Optional<Collection<PolledQueue>> polledQueues(UUID orgId);

    /** Notes that the worker sent a heartbeat. It is a sign of life, and shows that this worker sends heartbeats. */
    void beat(UUID orgId, String workerId);

    /** @return whether the worker is known to send heartbeats */
    boolean beats(UUID orgId, String workerId);

    /**
     * Tells the time of signs of life. What {@link #lastSeenMs} says lies so far back, whatever the time of day was set to
     * meanwhile.
     *
     * @return milliseconds of a {@link io.millrace.proto.time.SteadyClock}
     */
    long nowMs();

    /** @return time of the last sign of life that any node got, as of {@link #nowMs}; 0: none known */
    long lastSeenMs(UUID orgId, String workerId);

    /**
     * Says how much of the time since then this node has listened: for so long a sign of life that was told to another node
     * would have been heard here. Time in which Kafka was away does not count, nor as much again when it is back. Who asks lets
     * this node find out; so the answer is true, but as of a moment ago.
     *
     * @param sinceMs a time as of {@link #nowMs}
     * @return milliseconds, at least 0, and mostly a little less than have passed
     */
    long heardForMs(long sinceMs);

    /**
     * Says until when a worker may live at another node although this node hears nothing new of it.
     *
     * @return a time as of {@link #nowMs}; 0 if no other node has told of the worker
     */
    long elsewhereUntilMs(UUID orgId, String workerId);

    /**
     * Tells all nodes where this dispatcher is and what it owns. A record that does not get through is written again,
     * until it gets through or a newer one replaces it.
     */
    CompletableFuture<Void> announce(DispatcherNode dispatcher);

    /** @return what the last notes about the subject said, by any node; empty: nothing was ever noted */
    Optional<Map<String, String>> noted(String subject);

    /**
     * Keeps what the notes about the subject say now, for all nodes.
     *
     * @return as of {@link #register}
     */
    CompletableFuture<Void> keepNoted(String subject, Map<String, String> entries);

    /**
     * Keeps an API key for all nodes.
     *
     * @return as of {@link #register}
     */
    CompletableFuture<Void> keepKey(SealedKey key);

    /**
     * Tells of all API keys that are kept, at once and whenever one is kept anew. The same may be told twice, and on several
     * threads.
     *
     * @param listener must neither block nor throw
     */
    void followKeys(Consumer<SealedKey> listener);

    /**
     * Where this node's dispatcher tells all others how it stands to its partitions. Its earlier tenures count as over.
     *
     * @param node id of this node
     * @param host address at which other nodes read from it
     * @param port port of that address
     * @param knownRules newest version of the rules that the dispatcher knows
     */
    Tenures tenures(String node, String host, int port, int knownRules);

    @Override
    void close();
}

package io.millrace.proto.directory;

import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.WorkerRegistration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * What every node knows, materialised from the compacted topic {@code millrace.directory}: worker registrations, which
 * survive restarts, and the places of the dispatchers. Look-ups are in memory and never block; safe from any thread.
 */
public interface Directory extends Dispatchers, AutoCloseable {

    /**
     * @return completes once the registration is on Kafka and visible to look-ups of this node; exceptionally with
     *     {@link io.millrace.proto.UnavailableException} if that is not so in time, with {@link DirectoryFullException} where
     *     the organisation has too many
     */
    CompletableFuture<Void> register(WorkerRegistration registration);

    /** Finds the registration with the server-issued UUID, else the first of those {@link #named} so in the organisation. */
    Optional<WorkerRegistration> worker(UUID orgId, String workerId);

    /**
     * @return registrations of that name, newest first: those that gave a sign of life lately by their UUID, or the newest
     *     one if none did
     */
    List<WorkerRegistration> named(UUID orgId, String name);

    /** @return registrations of that name, newest first, whether they live or not; at most some hundred */
    List<WorkerRegistration> allNamed(UUID orgId, String name);

    /** @return the registrations that a worker_id stands for that is neither a UUID nor a name, as far as it was noted */
    List<WorkerRegistration> alias(UUID orgId, String workerId);

    /** Notes for all nodes which registrations a worker_id stands for. Not waited for: each connection notes it anew. */
    void noteAlias(UUID orgId, String workerId, List<WorkerRegistration> registrations);

    /** @return all registrations of the organisation, newest first */
    List<WorkerRegistration> workers(UUID orgId);

    /** Notes that the worker gave a sign of life, now. In memory, and to other nodes at long intervals. */
    void seen(UUID orgId, String workerId);

    /** Notes that the worker sent a heartbeat: a sign of life, from a worker that sends them. */
    void beat(UUID orgId, String workerId);

    /** @return whether the worker is known to send heartbeats */
    boolean beats(UUID orgId, String workerId);

    /**
     * @return time of the last sign of life, milliseconds since the epoch by this node's clock, whichever node it was given
     *     to; 0: none known
     */
    long lastSeenMs(UUID orgId, String workerId);

    /**
     * Says how long other nodes may keep still about a worker that lives with them.
     *
     * @return milliseconds since the epoch by this node's clock: until then another node may have it though nothing new was heard; 0 if no
     *     other node has told of it
     */
    long elsewhereUntilMs(UUID orgId, String workerId);

    /**
     * Tells all nodes where this dispatcher is and what it owns. What does not get through is said again, until it does or
     * something newer is said.
     */
    CompletableFuture<Void> announce(DispatcherNode dispatcher);

    /** @return what stood in the last notes about the subject, by any node; empty: nothing was ever noted */
    Optional<Map<String, String>> noted(String subject);

    /**
     * Keeps for all nodes what stands in the notes about the subject now.
     *
     * @return as of {@link #register}
     */
    CompletableFuture<Void> keepNoted(String subject, Map<String, String> entries);

    /**
     * Where this node's dispatcher tells all others how it stands to its partitions. Its earlier tenures count as over.
     *
     * @param node id of this node
     * @param host address at which others read from it
     * @param port port of the same
     * @param knownRules newest version of the rules that the dispatcher knows
     */
    Tenures tenures(String node, String host, int port, int knownRules);

    @Override
    void close();
}

package io.millrace.infra.server;

import io.millrace.infra.config.DispatcherSettings;
import io.millrace.proto.directory.Dispatchers;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.ReachAnswer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a dispatcher takes partitions over only if other nodes reach it for reads. It has to reach itself at
 * the address that it announces, and so have those whom the directory knows to own partitions. Nodes that do not answer
 * are passed over, since they may be gone. Once that is so it is not looked at again: what happens to a network later
 * is no fault of the settings. Safe from any thread.
 */
final class Reachability implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reachability.class);
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final long STOP_LIMIT_S = 10;

    private final NodeCalls calls;
    private final Dispatchers directory;
    private final String host;
    private final int port;
    private final Runnable reached;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("millrace-reach").daemon(true).factory());
    private volatile Optional<String> problem = Optional.of("it is not known yet whether other nodes reach this one");

    /**
     * @param port on which reads of other nodes are served
     * @param reached what is done once others reach this node
     */
    Reachability(NodeCalls calls, Dispatchers directory, DispatcherSettings settings, int port, Runnable reached) {
        this.calls = calls;
        this.directory = directory;
        this.host = settings.readsHost();
        this.port = port;
        this.reached = reached;
    }

    /** Looks, and if something is wrong again and again from now on. Waits for a few seconds at the most. */
    void start() {
        if (!look()) {
            Recurring.start(timer, AGAIN, AGAIN, "it cannot be found out whether other nodes reach this one", () -> {
                if (look()) {
                    timer.shutdown();
                }
            });
        }
    }

    /** @return why this node takes no partitions over; empty: it does */
    Optional<String> notReady() {
        return problem;
    }

    private boolean look() {
        Optional<String> found = itself().or(this::others);
        if (found.isEmpty()) {
            reached.run();
        } else if (!found.equals(problem)) {
            LOG.warn("this node takes no partitions over: {}", found.get());
        }
        problem = found;
        return found.isEmpty();
    }

    private Optional<String> itself() {
        return calls.problemOf(host, port, calls.self())
                .join()
                .map(why -> "expected to reach this node at " + host + ":" + port
                        + ", where dispatcher.reads_host says that it is, but " + why);
    }

    private Optional<String> others() {
        return directory.dispatchers().stream()
                .filter(other -> !other.getNode().equals(calls.self().getNode()) && ownsSomething(directory, other))
                .map(this::ask)
                .toList()
                .stream()
                .flatMap(answer -> answer.join().stream())
                .findFirst();
    }

    /** What a node said last stays in the directory when it is gone and others have its partitions. */
    static boolean ownsSomething(Dispatchers directory, DispatcherNode node) {
        return node.getPartitionsList().stream()
                .anyMatch(partition -> directory
                        .dispatcherOf(partition)
                        .filter(owner -> owner.getNode().equals(node.getNode()))
                        .isPresent());
    }

    private CompletableFuture<Optional<String>> ask(DispatcherNode other) {
        return calls.askWhetherItReaches(other.getHost(), other.getPort(), host, port)
                .handle((answer, unreachable) -> unreachable == null ? problemOf(other, answer) : Optional.empty());
    }

    private Optional<String> problemOf(DispatcherNode other, ReachAnswer answer) {
        if (NodeCalls.isSame(answer.getNode(), calls.self())) {
            return Optional.of("expected node " + other.getNode() + " at " + other.getHost() + ":" + other.getPort()
                    + ", where its dispatcher.reads_host says that it is, but this node answers there; other machines do"
                    + " not reach an address of loopback");
        }
        return answer.getProblem().isEmpty()
                ? Optional.empty()
                : Optional.of("expected node " + answer.getNode().getNode() + " to reach this one at " + host + ":"
                        + port + ", where dispatcher.reads_host says that it is, but " + answer.getProblem());
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(STOP_LIMIT_S, TimeUnit.SECONDS)) {
                LOG.warn("the look whether other nodes reach this one did not end within {} s", STOP_LIMIT_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.millrace.infra.bench;

import io.millrace.infra.embedded.KafkaAccess;
import io.millrace.infra.embedded.KafkaCluster;
import io.millrace.infra.embedded.KafkaOfFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * A Kafka whose nodes are processes of their own, which end with this one. Its nodes are numbered from 0, and keep their
 * addresses when they are started again. Different threads may have to do with different nodes.
 */
public final class Brokers implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long LOOK_AGAIN_MS = 100;

    private final KafkaAccess access;
    private final List<BrokerProcess> processes = new ArrayList<>();
    /** All at once they could not say goodbye to each other, and would try for minutes. */
    private final Thread killer = new Thread(this::killAll, "millrace-brokers-killer");

    /**
     * Starts all nodes, and returns when clients can use them.
     *
     * @param folder for their data and their logs, made if there is none
     * @param within for each node: words of a command that runs the command behind it, in its own process; may be none
     * @param hosts address of each node. A single one has to be 127.0.0.1
     */
    private Brokers(Path folder, List<List<String>> within, List<String> hosts)
            throws IOException, InterruptedException {
        Path data = Files.createDirectories(folder).resolve("kafka");
        Runtime.getRuntime().addShutdownHook(killer);
        try {
            if (hosts.size() == 1) {
                BrokerProcess only = new BrokerProcess(folder.resolve("kafka.log"), within.getFirst(), data);
                processes.add(only);
                only.start();
                try (KafkaOfFolder running = KafkaOfFolder.open(folder)) {
                    access = running.access();
                }
            } else {
                KafkaCluster cluster = KafkaCluster.make(data, hosts);
                access = cluster.access();
                for (int node = 0; node < hosts.size(); node++) {
                    BrokerProcess process = new BrokerProcess(
                            folder.resolve("kafka-" + node + ".log"),
                            within.get(node),
                            cluster.nodes().get(node));
                    processes.add(process);
                    process.start();
                }
                awaitInSync();
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    /**
     * Starts nodes that listen on loopback, and returns when clients can use them.
     *
     * @param folder for their data and their logs, made if there is none
     */
    public static Brokers start(Path folder, int count) throws IOException, InterruptedException {
        return new Brokers(folder, Collections.nCopies(count, List.of()), Collections.nCopies(count, "127.0.0.1"));
    }

    /**
     * Starts nodes, each perhaps in a network of its own, and returns when clients can use them.
     *
     * @param within for each node: words of a command that runs the command behind it, in its own process
     * @param hosts address of each node. A single one has to be 127.0.0.1
     * @see #start(Path, int)
     */
    public static Brokers start(Path folder, List<List<String>> within, List<String> hosts)
            throws IOException, InterruptedException {
        return new Brokers(folder, within, hosts);
    }

    /** @return what clients need */
    public KafkaAccess access() {
        return access;
    }

    /** @return how many nodes there are */
    public int count() {
        return processes.size();
    }

    /** @return process id of the node */
    public long pid(int node) {
        return processes.get(node).started().pid();
    }

    /** @return whether the node's process runs */
    public boolean isAlive(int node) {
        return processes.get(node).started().isAlive();
    }

    /** Kills the node, as a power cut would, and waits until it is gone. */
    public void kill(int node) throws InterruptedException {
        processes.get(node).kill();
    }

    /** Stops the node in order, and waits until it is gone. */
    public void stop(int node) throws InterruptedException {
        processes.get(node).stop();
    }

    /** Starts the node again. One of several may take a while until it is well: see {@link #awaitInSync}. */
    public void start(int node) throws IOException {
        processes.get(node).start();
    }

    /**
     * Waits until all nodes are there, and each partition has a leader and all its copies.
     *
     * @throws IllegalStateException that has taken too long; says what is missing
     */
    public void awaitInSync() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (Admin admin = Admin.create(access.client(Map.of()))) {
            while (true) {
                String missing;
                try {
                    missing = missing(admin);
                } catch (ExecutionException e) {
                    missing = String.valueOf(e.getCause());
                }
                if (missing.isEmpty()) {
                    return;
                }
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("expected all nodes of Kafka to be in sync within "
                            + PATIENCE.toSeconds() + " s, but: " + missing);
                }
                Thread.sleep(LOOK_AGAIN_MS);
            }
        }
    }

    /** @return nothing if all is there */
    private String missing(Admin admin) throws ExecutionException, InterruptedException {
        int there = admin.describeCluster().nodes().get().size();
        if (there < count()) {
            return there + " of " + count() + " nodes are there";
        }
        for (TopicDescription topic : admin.describeTopics(admin.listTopics(new ListTopicsOptions().listInternal(true))
                        .names()
                        .get())
                .allTopicNames()
                .get()
                .values()) {
            for (TopicPartitionInfo partition : topic.partitions()) {
                if (partition.leader() == null
                        || partition.isr().size() < partition.replicas().size()) {
                    return topic.name() + " " + partition;
                }
            }
        }
        return "";
    }

    /**
     * Ends all nodes. The only one stops in order. Several are killed: the last of them could not say goodbye to the others.
     */
    @Override
    public void close() throws InterruptedException {
        if (count() == 1) {
            processes.getFirst().close();
        } else {
            for (int node = 0; node < count(); node++) {
                kill(node);
            }
        }
        Runtime.getRuntime().removeShutdownHook(killer);
    }

    private void killAll() {
        processes.forEach(BrokerProcess::killIfItRuns);
    }
}

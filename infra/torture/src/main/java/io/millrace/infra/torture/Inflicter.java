package io.millrace.infra.torture;

import io.millrace.infra.bench.Brokers;
import io.millrace.infra.bench.MeasuredNode;
import io.millrace.infra.bench.Nodes;
import io.millrace.infra.bench.Signals;
import io.millrace.infra.torture.FaultPlan.Planned;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Lets faults happen and mends them, each on a thread of its own. */
final class Inflicter {

    /** A node that does not find what it needs may end; whoever watches over it starts it again. */
    private static final int STARTS = 100;

    private static final long BETWEEN_STARTS_MS = 1_000;

    private static final Duration OF_NODE = Duration.ofHours(1);
    /** Timers wait for a clock that has gone back: the time of a log does not. */
    private static final Duration OF_BROKER = Duration.ofSeconds(20);

    private final Installation installation;
    private final Surroundings surroundings;
    private final Nodes clients;
    private final List<WorkerSlot> workers;
    private final List<Relay> ways;
    private final Findings findings;
    private final List<Thread> underWay = new CopyOnWriteArrayList<>();
    /** Parts that the plan has hurt, and that are not well yet. Slow machines take longer than the plan thinks. */
    private final Set<Fault.Part> hurt = ConcurrentHashMap.newKeySet();

    private volatile int hurtNode = -1;

    /** @param ways of workers to their nodes, as many as workers, where these are to be silent */
    Inflicter(
            Installation installation,
            Surroundings surroundings,
            Nodes clients,
            List<WorkerSlot> workers,
            List<Relay> ways,
            Findings findings) {
        this.installation = installation;
        this.surroundings = surroundings;
        this.clients = clients;
        this.workers = workers;
        this.ways = ways;
        this.findings = findings;
    }

    /** Begins a fault, and returns at once. */
    void inflict(Planned planned) {
        Set<Fault.Part> parts = planned.fault().parts();
        if (!Collections.disjoint(hurt, parts)) {
            findings.count("left out, since the part was not back yet");
            return;
        }
        hurt.addAll(parts);
        findings.count("fault: " + planned.fault().text());
        findings.count("faults");
        if (parts.contains(Fault.Part.NODE)) {
            hurtNode = planned.target();
        }
        underWay.add(Thread.ofVirtual().start(() -> {
            try {
                carryOut(planned);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException | RuntimeException e) {
                findings.wrong(planned.fault().text() + ": " + e.getMessage());
            } finally {
                hurt.removeAll(parts);
            }
        }));
    }

    /** @return whether the plan has hurt the node, and it is not well yet */
    boolean isHurt(int node) {
        return hurtNode == node && hurt.contains(Fault.Part.NODE);
    }

    /**
     * Waits until all parts are well again.
     *
     * @param told what it waits for, again and again while it does
     */
    void awaitHealed(Duration between, Consumer<String> told) throws InterruptedException {
        for (Thread thread : underWay) {
            while (!thread.join(between)) {
                told.accept("waits until these are well again: " + unwell());
            }
        }
    }

    private String unwell() {
        return hurt.stream()
                .sorted()
                .map(part -> part == Fault.Part.NODE ? "node " + hurtNode : part.text())
                .collect(Collectors.joining(", "));
    }

    private void carryOut(Planned planned) throws IOException, InterruptedException {
        int target = planned.target();
        int broker = planned.broker();
        Brokers brokers = installation.brokers();
        switch (planned.fault()) {
            case NODE_KILLED -> {
                installation.node(target).kill();
                clients.away(target);
                Thread.sleep(planned.lengthMs());
                startAgain(target);
            }
            case NODE_STOPPED -> {
                installation.node(target).stop();
                installation.node(target).awaitEnd();
                clients.away(target);
                Thread.sleep(planned.lengthMs());
                startAgain(target);
            }
            case NODE_ASLEEP -> {
                installation.node(target).sleep();
                clients.away(target);
                Thread.sleep(planned.lengthMs());
                installation.node(target).wake();
                clients.back(target);
            }
            case WORKER_DEAD -> {
                workers.get(target).kill();
                Thread.sleep(planned.lengthMs());
                workers.get(target).start();
            }
            case WORKER_SILENT -> {
                ways.get(target).standStill();
                try {
                    Thread.sleep(planned.lengthMs());
                } finally {
                    ways.get(target).goOn();
                }
            }
            case KAFKA_KILLED -> {
                brokers.kill(broker);
                Thread.sleep(planned.lengthMs());
                startAgain(List.of(broker));
            }
            case KAFKA_STOPPED -> {
                brokers.stop(broker);
                Thread.sleep(planned.lengthMs());
                startAgain(List.of(broker));
            }
            case KAFKA_AWAY -> {
                List<Integer> all = IntStream.range(0, brokers.count()).boxed().toList();
                for (int each : all) {
                    brokers.kill(each);
                }
                Thread.sleep(planned.lengthMs());
                startAgain(all);
            }
            case KAFKA_ASLEEP -> {
                asleep(List.of(brokers.pid(broker)), planned.lengthMs());
                awaitInSync();
            }
            case MACHINE_KILLED -> {
                brokers.kill(broker);
                installation.node(target).kill();
                clients.away(target);
                Thread.sleep(planned.lengthMs());
                startAgain(broker, target);
            }
            case MACHINE_ASLEEP -> {
                clients.away(target);
                asleep(List.of(brokers.pid(broker), installation.node(target).pid()), planned.lengthMs());
                clients.back(target);
                awaitInSync();
            }
            case NODE_CUT_OFF ->
                cut(
                        IntStream.range(0, brokers.count())
                                .mapToObj(each -> surroundings.link(target, each))
                                .toList(),
                        planned.lengthMs());
            case NODE_BROKER_CUT -> cut(List.of(surroundings.link(target, broker)), planned.lengthMs());
            case NODES_CUT ->
                cut(
                        List.of(surroundings.linkOfNodes(
                                target, planned.otherNode(installation.nodes().size()))),
                        planned.lengthMs());
            case BROKER_CUT_OFF -> {
                cut(
                        IntStream.range(0, brokers.count())
                                .filter(each -> each != broker)
                                .mapToObj(each -> surroundings.linkOfBrokers(broker, each))
                                .toList(),
                        planned.lengthMs());
                awaitInSync();
            }
            case NODE_DISK_FULL -> {
                try {
                    surroundings.disk(target).fill();
                    Thread.sleep(planned.lengthMs());
                } finally {
                    surroundings.disk(target).free();
                }
                awaitBack(target);
            }
            case NODE_CLOCK -> jump(surroundings.nodeClock(target), OF_NODE, planned);
            case BROKER_CLOCK -> {
                jump(surroundings.brokerClock(broker), OF_BROKER, planned);
                awaitInSync();
            }
            case DATABASE_KILLED -> Signals.send("-KILL", installation.databasePid());
            case DATABASE_ASLEEP -> asleep(withChildren(installation.databasePid()), planned.lengthMs());
        }
    }

    /** Of several, none is hurt before the others have all copies, so that never more than one is away. */
    private void awaitInSync() throws InterruptedException {
        if (installation.brokers().count() > 1) {
            installation.brokers().awaitInSync();
        }
    }

    private void startAgain(List<Integer> brokers) throws IOException, InterruptedException {
        for (int each : brokers) {
            installation.brokers().start(each);
        }
        awaitInSync();
    }

    /** The node does not wait for the broker. */
    private void startAgain(int broker, int node) throws IOException, InterruptedException {
        installation.brokers().start(broker);
        startAgain(node);
        awaitInSync();
    }

    private static void jump(FakeClock clock, Duration far, Planned planned) throws IOException, InterruptedException {
        try {
            clock.set(planned.goesAhead() ? far : far.negated());
            Thread.sleep(planned.lengthMs());
        } finally {
            clock.set(Duration.ZERO);
        }
    }

    /** A node that cannot write may have ended. */
    private void awaitBack(int node) throws IOException, InterruptedException {
        if (installation.node(node).isAlive()) {
            try {
                installation.node(node).awaitReady();
                return;
            } catch (IllegalStateException e) {
                if (installation.node(node).isAlive()) {
                    throw e;
                }
            }
        }
        findings.count("nodes that ended, since their disk was full");
        clients.away(node);
        startAgain(node);
    }

    /** Nobody is told: who is cut off has to find it out. */
    private void cut(List<Surroundings.Link> links, long millis) throws IOException, InterruptedException {
        List<Surroundings.Link> cut = new ArrayList<>();
        try {
            for (Surroundings.Link link : links) {
                cut.add(link);
                link.cut();
            }
            Thread.sleep(millis);
        } finally {
            mendAll(cut);
        }
    }

    /** Each by itself: a link that stayed cut would make faults of the product out of ours. */
    private static void mendAll(List<Surroundings.Link> links) throws IOException {
        IOException failure = null;
        for (Surroundings.Link link : links) {
            try {
                link.mend();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static List<Long> withChildren(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(parent -> Stream.concat(Stream.of(parent), parent.descendants()))
                .map(ProcessHandle::pid)
                .toList();
    }

    private static void asleep(List<Long> pids, long millis) throws InterruptedException {
        List<Long> asleep = new ArrayList<>();
        try {
            for (long pid : pids) {
                if (Signals.send("-STOP", pid)) {
                    asleep.add(pid);
                }
            }
            Thread.sleep(millis);
        } finally {
            for (long pid : asleep) {
                Signals.send("-CONT", pid);
            }
        }
    }

    private void startAgain(int number) throws IOException, InterruptedException {
        MeasuredNode node = installation.node(number);
        for (int starts = 1; ; starts++) {
            node.start();
            try {
                node.awaitReady();
                clients.back(number);
                return;
            } catch (IllegalStateException e) {
                if (node.isAlive() || starts == STARTS) {
                    throw e;
                }
                findings.count("starts of a node that ended, since something it needs was away");
                Thread.sleep(BETWEEN_STARTS_MS);
            }
        }
    }
}

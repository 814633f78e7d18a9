package io.millrace.infra.torture;

import io.millrace.infra.bench.MeasuredNode;
import io.millrace.infra.bench.Nodes;
import io.millrace.infra.bench.Signals;
import io.millrace.infra.torture.FaultPlan.Planned;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lets faults happen and mends them, each on a thread of its own. */
final class Inflicter {

    /** A node that does not find what it needs may end; whoever watches over it starts it again. */
    private static final int STARTS = 100;

    private static final long BETWEEN_STARTS_MS = 1_000;

    private final Installation installation;
    private final Nodes clients;
    private final List<WorkerSlot> workers;
    private final Findings findings;
    private final List<Thread> underWay = new CopyOnWriteArrayList<>();
    /** Parts that the plan has hurt, and that are not well yet. Slow machines take longer than the plan thinks. */
    private final Set<Fault.Part> hurt = ConcurrentHashMap.newKeySet();

    private volatile int hurtNode = -1;

    Inflicter(Installation installation, Nodes clients, List<WorkerSlot> workers, Findings findings) {
        this.installation = installation;
        this.clients = clients;
        this.workers = workers;
        this.findings = findings;
    }

    /** Begins a fault, and returns at once. */
    void inflict(Planned planned) {
        Fault.Part part = planned.fault().part();
        if (!hurt.add(part)) {
            findings.count("left out, since the part was not back yet");
            return;
        }
        findings.count("fault: " + planned.fault().text());
        if (part == Fault.Part.NODE) {
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
                hurt.remove(part);
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
            case KAFKA_KILLED, KAFKA_AWAY -> {
                installation.kafka().kill();
                Thread.sleep(planned.lengthMs());
                installation.kafka().start();
            }
            case KAFKA_ASLEEP -> asleep(List.of(installation.kafka().started().pid()), planned.lengthMs());
            case DATABASE_KILLED -> Signals.send("-KILL", installation.databasePid());
            case DATABASE_ASLEEP -> asleep(withChildren(installation.databasePid()), planned.lengthMs());
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

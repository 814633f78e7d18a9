package io.millrace.infra.torture;

import io.millrace.infra.bench.MeasuredNode;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Restarts each node in turn, as an upgrade does: SIGTERM, start, wait until it is ready. Then the next. One thread. */
final class RollingRestart {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Installation installation;
    private final Balancer balancer;
    private final Findings findings;
    private final Consumer<String> told;
    private volatile int restarting = -1;

    RollingRestart(Installation installation, Balancer balancer, Findings findings, Consumer<String> told) {
        this.installation = installation;
        this.balancer = balancer;
        this.findings = findings;
        this.told = told;
    }

    /** @return whether the node is away by our will */
    boolean restarts(int node) {
        return restarting == node;
    }

    /** Goes through all of them once, and again while there is time. */
    void run(BooleanSupplier time) throws IOException, InterruptedException {
        do {
            for (int node = 0; node < installation.nodes().size(); node++) {
                restart(node);
            }
            findings.count("rounds of restarts");
        } while (time.getAsBoolean());
    }

    private void restart(int node) throws IOException, InterruptedException {
        MeasuredNode process = installation.node(node);
        restarting = node;
        told.accept("node " + node + " is told to stop");
        process.stop();
        process.awaitEnd();
        told.accept("node " + node + " has stopped, and is started again");
        process.start();
        process.awaitReady();
        restarting = -1;
        awaitSendsTo(node);
        told.accept("node " + node + " is ready");
        findings.count("nodes restarted");
    }

    private void awaitSendsTo(int node) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!balancer.sendsTo(node)) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException("expected node " + node + " to stay ready, but it did not");
            }
            Thread.sleep(20);
        }
    }
}

package io.millrace.infra.torture;

import io.millrace.infra.bench.MeasuredNode;
import io.millrace.infra.bench.Nodes;
import io.millrace.infra.torture.FaultPlan.Planned;
import io.millrace.infra.worker.WorkerObserver;
import io.millrace.infra.worker.WorkerStyle;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** One run: load, faults, healing, inspection. */
final class Torture {

    private static final Duration SAY = Duration.ofSeconds(5);
    private static final int LONGEST_SLEEP_MS = 3_000;
    private static final int CHILD_OF = 4;
    /** Of clients, through the balancer. */
    private static final int CONNECTIONS = 8;

    private final TortureOptions options;
    private final Path folder;
    private final PrintWriter out;
    private final Before inspection;
    private final Findings findings = new Findings();
    private final List<Order> orders = new ArrayList<>();
    private final Set<Integer> endedByItself = new HashSet<>();
    private volatile long begunNanos = System.nanoTime();
    private volatile long saidNanos = System.nanoTime();

    /** Something that happens once all parts are well, before they are looked at. */
    interface Before {
        void happens(Installation installation) throws IOException;
    }

    /**
     * @param folder for everything that is written; the caller deletes it
     * @param out hears now and then how far it is
     */
    Torture(TortureOptions options, Path folder, PrintWriter out) {
        this(options, folder, out, installation -> {});
    }

    /** As above. */
    Torture(TortureOptions options, Path folder, PrintWriter out, Before inspection) {
        this.inspection = inspection;
        this.options = options;
        this.folder = folder;
        this.out = out;
    }

    /** @return what was done, and what is wrong */
    Findings run() throws IOException, InterruptedException {
        ScheduledExecutorService timer = Executors.newScheduledThreadPool(
                2, Thread.ofPlatform().daemon().name("torture-", 0).factory());
        Map<String, String> settings =
                options.rolling() ? Map.of("server.stop_delay", Balancer.STOP_DELAY.toMillis() + "ms") : Map.of();
        try (Surroundings surroundings = new Surroundings(options, folder, findings);
                Installation installation =
                        new Installation(folder, options.nodes(), options.brokers(), surroundings, settings);
                Nodes nodes = new Nodes(
                        installation.nodes().stream().map(MeasuredNode::grpc).toList(), timer)) {
            try {
                if (options.rolling()) {
                    roll(installation, timer);
                } else {
                    hurt(installation, surroundings, nodes, timer);
                }
                say("looks at what there is");
                inspection.happens(installation);
                new Inspection(installation, nodes, findings, this::say).run(orders, folder);
            } finally {
                timer.shutdownNow();
            }
        }
        return findings;
    }

    private void hurt(Installation installation, Surroundings surroundings, Nodes nodes, ScheduledExecutorService timer)
            throws IOException, InterruptedException {
        FaultPlan plan = FaultPlan.of(
                options.seed(), surroundings.faults(), options.nodes(), options.brokers(), options.length());
        List<WorkerSlot> workers = new ArrayList<>();
        List<Relay> ways = new ArrayList<>();
        try {
            for (int node = 0; node < options.nodes(); node++) {
                InetSocketAddress address = installation.node(node).grpc();
                if (surroundings.faults().contains(Fault.WORKER_SILENT)) {
                    Relay way = new Relay("127.0.0.1", address);
                    ways.add(way);
                    address = way.address();
                }
                workers.add(start(new WorkerSlot(node, address, style(), WorkerObserver.NONE)));
            }
            Inflicter inflicter = new Inflicter(installation, surroundings, nodes, workers, ways, findings);
            hurt(plan, installation, inflicter, nodes::call, timer);
            say("no more faults come; waits until all parts are well again");
            inflicter.awaitHealed(SAY, this::say);
            say("all parts are well; waits for the orders to end");
            awaitEnds();
        } finally {
            workers.forEach(WorkerSlot::close);
            ways.forEach(Relay::close);
        }
    }

    /** Whoever is behind the balancer hears of no restart. */
    private void roll(Installation installation, ScheduledExecutorService timer)
            throws IOException, InterruptedException {
        List<WorkerSlot> workers = new ArrayList<>();
        try (Balancer balancer = new Balancer(
                        installation.nodes().stream()
                                .map(node -> new Balancer.Target(node.address(), node.grpcPort()))
                                .toList(),
                        findings);
                BalancedClients clients = new BalancedClients(balancer.port(), CONNECTIONS)) {
            try {
                for (int number = 0; number < options.nodes(); number++) {
                    workers.add(start(
                            new WorkerSlot(number, balancer.address(), style(), new FailedCalls(number, findings))));
                }
                RollingRestart restarts = new RollingRestart(installation, balancer, findings, this::say);
                begunNanos = System.nanoTime();
                CompletableFuture<Void> done = new CompletableFuture<>();
                Thread.ofVirtual().start(() -> {
                    try {
                        restarts.run(() -> passedMs() < options.length().toMillis());
                        done.complete(null);
                    } catch (Throwable e) {
                        done.completeExceptionally(e);
                    }
                });
                Random random = new Random(~options.seed());
                while (!done.isDone()) {
                    startOrders(random, clients, timer);
                    expectNodesToRun(installation, restarts::restarts);
                    sayNowAndThen();
                    Thread.sleep(20);
                }
                done.join();
                say("all nodes were restarted; waits for the orders to end");
                awaitEnds();
            } finally {
                workers.forEach(WorkerSlot::close);
                findings.count("calls of clients", clients.calls());
                findings.count("milliseconds of the longest of them", clients.longestMs());
            }
        }
    }

    private static WorkerSlot start(WorkerSlot slot) throws InterruptedException {
        slot.start();
        return slot;
    }

    /** Those of one run are of one family, those of the next of another. */
    private WorkerStyle style() {
        WorkerStyle[] all = WorkerStyle.values();
        return all[Math.floorMod(options.seed(), all.length)];
    }

    private void hurt(
            FaultPlan plan,
            Installation installation,
            Inflicter inflicter,
            Clients clients,
            ScheduledExecutorService timer)
            throws InterruptedException {
        Random random = new Random(~options.seed());
        begunNanos = System.nanoTime();
        int next = 0;
        while (passedMs() < options.length().toMillis()) {
            startOrders(random, clients, timer);
            while (next < plan.faults().size() && plan.faults().get(next).beginMs() <= passedMs()) {
                Planned fault = plan.faults().get(next++);
                say(fault.text(options.nodes()));
                inflicter.inflict(fault);
            }
            expectNodesToRun(installation, inflicter::isHurt);
            sayNowAndThen();
            Thread.sleep(20);
        }
    }

    /** Those that are due by now. */
    private void startOrders(Random random, Clients clients, ScheduledExecutorService timer) {
        while (orders.size() < passedMs() * options.rate() / 1_000) {
            Order order = new Order(
                    clients,
                    timer,
                    findings,
                    orders.size() + 1,
                    random.nextInt(LONGEST_SLEEP_MS),
                    random.nextInt(CHILD_OF) == 0);
            orders.add(order);
            order.begin();
        }
    }

    /** A node that nobody killed goes on, whatever happens around it. */
    private void expectNodesToRun(Installation installation, IntPredicate isHurt) {
        for (int node = 0; node < options.nodes(); node++) {
            if (!isHurt.test(node)
                    && !installation.node(node).isAlive()
                    && !isHurt.test(node)
                    && endedByItself.add(node)) {
                findings.wrong("node " + node + " has ended by itself");
            }
        }
    }

    private void awaitEnds() throws InterruptedException {
        long until = System.nanoTime() + options.patience().toNanos();
        while (System.nanoTime() < until && orders.stream().anyMatch(order -> !order.hasEnded())) {
            sayNowAndThen();
            Thread.sleep(100);
        }
        orders.forEach(Order::giveUp);
        orders.stream()
                .filter(order -> !order.hasEnded())
                .forEach(order -> findings.wrong("stuck: " + order.waitsFor()));
    }

    private long passedMs() {
        return (System.nanoTime() - begunNanos) / 1_000_000;
    }

    private void sayNowAndThen() {
        if (System.nanoTime() - saidNanos > SAY.toNanos()) {
            say(null);
        }
    }

    private synchronized void say(@Nullable String what) {
        saidNanos = System.nanoTime();
        out.printf(
                Locale.ROOT,
                "%5.1f s: %,d orders, %,d ended, %d wrong%s%n",
                passedMs() / 1e3,
                orders.size(),
                findings.counted("orders ended"),
                findings.wrongs(),
                what == null ? "" : "; " + what);
        out.flush();
    }
}

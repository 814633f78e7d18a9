package io.millrace.infra.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.bench.BenchClient;
import io.millrace.infra.system.TestServer;
import io.millrace.infra.testing.Await;
import io.millrace.infra.testing.StandingPort;
import io.millrace.infra.worker.WorkerStyle;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * All nodes stop in order and come back, one after the other, while clients start, signal and read workflows and workers do them,
 * each through a balancer that goes by readiness. Whoever is behind it hears of no restart: no call fails, none is lost, and
 * nothing happens twice.
 */
@org.junit.jupiter.api.Order(1)
@Execution(ExecutionMode.CONCURRENT)
class RollingRestartTest {

    private static final List<String> NODES = List.of("a", "b");
    private static final String ROLES = "ingest,dispatcher,notifier";
    private static final int CONNECTIONS = 4;
    private static final long PAUSE_MS = 100;
    /** As many as there are on a usual machine; a slow one would be given more than it can do. */
    private static final int MOST_OPEN = 60;

    /** No call is given up for being slow. */
    private static final Duration ANSWER = Duration.ofMinutes(2);

    /** So that timers fire while nodes are away. */
    private static final long LONGEST_SLEEP_MS = 3_000;

    private final Findings findings = new Findings();
    private final List<Order> orders = new ArrayList<>();

    @Test
    void nobodyHearsOfARestartOfAllNodesInTurn() throws Exception {
        ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
        List<WorkerSlot> workers = new ArrayList<>();
        Map<String, String> settings = Map.of(
                "server.stop_delay",
                Balancer.STOP_DELAY.toMillis() + "ms",
                "kafka.answer_timeout",
                ANSWER.toSeconds() + "s");
        try (TestServer server = TestServer.withoutNodes(settings, false)) {
            List<Balancer.Target> targets = new ArrayList<>();
            for (String name : NODES) {
                targets.add(add(server, name));
            }
            try (Balancer balancer = new Balancer(targets, findings);
                    BalancedClients clients = new BalancedClients(balancer.port(), CONNECTIONS)) {
                for (int number = 0; number < NODES.size(); number++) {
                    WorkerSlot worker = new WorkerSlot(
                            number, balancer.address(), WorkerStyle.RUST, new FailedCalls(number, findings));
                    workers.add(worker);
                    worker.start();
                }

                CompletableFuture<Void> restarts = CompletableFuture.runAsync(() -> restartAll(server, balancer));
                while (!restarts.isDone()) {
                    if (orders.stream().filter(order -> !order.hasEnded()).count() < MOST_OPEN) {
                        begin(clients, timer);
                    }
                    TimeUnit.MILLISECONDS.sleep(PAUSE_MS); // the rate of the load, and nothing that is waited for
                }
                restarts.join();

                Await.until("all orders to end", () -> orders.stream().allMatch(Order::hasEnded));
                assertEquals(List.of(), findings.texts(), "what went wrong, of " + clients.calls() + " calls");
                for (Order order : orders) {
                    expectOnce(order, clients);
                }
                assertTrue(orders.size() > 10, () -> "expected load, but there were " + orders.size() + " orders");
                assertEquals(orders.size(), findings.counted("starts acknowledged"));
            } finally {
                orders.forEach(Order::giveUp);
                timer.shutdownNow();
                workers.forEach(WorkerSlot::close);
            }
        }
    }

    /** Balancers know nodes by ports that stay. */
    private static Balancer.Target add(TestServer server, String name) {
        int grpc = StandingPort.next();
        int http = StandingPort.next();
        server.addNode(name, ROLES, Map.of("grpc.port", String.valueOf(grpc), "http.port", String.valueOf(http)));
        return new Balancer.Target(URI.create("http://127.0.0.1:" + http), grpc);
    }

    private static void restartAll(TestServer server, Balancer balancer) {
        for (int node = 0; node < NODES.size(); node++) {
            int restarted = node;
            Await.until("the balancer to send clients to node " + node, () -> balancer.sendsTo(restarted));
            server.stopNode(NODES.get(node));
            Await.until("the balancer to leave node " + node, () -> !balancer.sendsTo(restarted));
            server.restartNode(NODES.get(node));
            Await.until("the balancer to send clients to node " + node, () -> balancer.sendsTo(restarted));
        }
    }

    private void begin(Clients clients, ScheduledExecutorService timer) {
        int number = orders.size() + 1;
        Order order = new Order(clients, timer, findings, number, number * 37L % LONGEST_SLEEP_MS, number % 4 == 0);
        orders.add(order);
        order.begin();
    }

    /** Everything that the workflow is made of stands in its history once, and the result is right. */
    private static void expectOnce(Order order, Clients clients) throws Exception {
        Function<BenchClient, CompletableFuture<List<WorkflowEvent>>> read =
                client -> client.events(order.idIfKnown()).thenApply(history -> history.getEventsList());
        List<WorkflowEvent> history = clients.call(read).get();
        Map<String, Long> counted =
                history.stream().collect(Collectors.groupingBy(WorkflowEvent::getEventType, Collectors.counting()));
        counted.remove("WORKFLOW_SUSPENDED"); // as often as it had nothing to do
        Map<String, Long> once = new HashMap<>(Map.of(
                "WORKFLOW_STARTED", 1L,
                "TIMER_STARTED", 1L,
                "TIMER_FIRED", 1L,
                "TASK_SCHEDULED", 2L,
                "TASK_COMPLETED", 2L,
                "SIGNAL_RECEIVED", 1L,
                "PROMISE_CREATED", 1L,
                "PROMISE_RESOLVED", 1L,
                "WORKFLOW_COMPLETED", 1L));
        if (order.hasChild()) {
            once.put("CHILD_WORKFLOW_INITIATED", 1L);
            once.put("CHILD_WORKFLOW_COMPLETED", 1L);
        }
        assertEquals(once, counted, order.waitsFor());
        String end = history.getLast().getEventData().toStringUtf8();
        assertTrue(end.contains("\"output\":" + order.output()), end);
    }
}

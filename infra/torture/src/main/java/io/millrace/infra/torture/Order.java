package io.millrace.infra.torture;

import io.grpc.Status;
import io.millrace.infra.bench.BenchClient;
import io.millrace.infra.bench.Nodes;
import io.millrace.proto.flovyn.v1.GetEventsResponse;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One workflow as its client knows it: what was tried, and what was acknowledged. It is started under a key, signalled, its
 * promise is resolved, and its history is read until it has ended. Its steps run one after the other, on any thread.
 */
final class Order {

    private static final int AGAIN_MS = 300;
    private static final int READ_MS = 300;
    private static final int LONGEST_READ_MS = 5_000;

    private final Clients clients;
    private final ScheduledExecutorService timer;
    private final Findings findings;
    private final long number;
    private final long sleepMs;
    private final boolean child;
    private final AtomicInteger signals = new AtomicInteger();
    private final AtomicInteger resolutions = new AtomicInteger();
    private final long begunNanos = System.nanoTime();

    private volatile @Nullable String id;
    private volatile String stage = "its start";
    private volatile int seen;
    private volatile boolean signalled;
    private volatile boolean ended;
    private volatile boolean given;

    Order(
            Clients clients,
            ScheduledExecutorService timer,
            Findings findings,
            long number,
            long sleepMs,
            boolean child) {
        this.clients = clients;
        this.timer = timer;
        this.findings = findings;
        this.number = number;
        this.sleepMs = sleepMs;
        this.child = child;
    }

    /** Begins it; all else follows by itself. */
    void begin() {
        step("start", this::startOnce, started -> {
            id = started;
            seen = 1;
            findings.count("starts acknowledged");
            stage = "its signal";
            signal();
            read();
        });
    }

    /** @return a start under its key, which finds the workflow if there is one */
    CompletableFuture<String> startOnce(BenchClient client) {
        return client.startOnce(
                OrderWorkflows.ORDER,
                OrderWorkflows.QUEUE,
                "torture-" + number,
                OrderWorkflows.input(number, sleepMs, child));
    }

    private void signal() {
        step(
                "signal",
                client -> {
                    signals.incrementAndGet();
                    return client.signal(id());
                },
                answer -> {
                    seen = Math.max(seen, (int) answer.getSignalEventSequence());
                    signalled = true;
                    findings.count("signals acknowledged");
                    stage = "its promise";
                    resolve();
                });
    }

    private void resolve() {
        clients.call(client -> {
                    resolutions.incrementAndGet();
                    return client.resolve(id() + ":" + OrderWorkflows.PROMISE);
                })
                .whenComplete((answer, failure) -> {
                    if (failure == null || resolutions.get() > 1 && isSettled(failure)) {
                        findings.count("promises acknowledged");
                        stage = "its end";
                    } else if (!ended) {
                        if (Nodes.code(failure) != Status.Code.NOT_FOUND) { // the workflow has not come to it yet
                            unexpected("promise", failure);
                        }
                        later(this::resolve, AGAIN_MS);
                    }
                });
    }

    /** An answer was lost, and the promise was resolved. */
    private static boolean isSettled(Throwable failure) {
        Status.Code code = Nodes.code(failure);
        return code == Status.Code.FAILED_PRECONDITION || code == Status.Code.ALREADY_EXISTS;
    }

    private void read() {
        int before = seen; // what is acknowledged while the read is under way need not be in it
        clients.call(client -> client.events(id())).whenComplete((history, failure) -> {
            if (failure != null) {
                if (Nodes.code(failure) == Status.Code.NOT_FOUND) {
                    findings.wrong("workflow " + id() + " was acknowledged, and a read said that there is none");
                } else {
                    unexpected("read", failure);
                }
            } else {
                look(history, before);
            }
            if (!ended) {
                // Orders that wait for long are read less and less: the installation is to be hurt, not drowned.
                long age = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNanos);
                later(this::read, (int) Math.clamp(age / 4, READ_MS, LONGEST_READ_MS));
            }
        });
    }

    private void look(GetEventsResponse history, int before) {
        int events = history.getEventsCount();
        findings.count("reads");
        if (events < before) {
            findings.wrong("a read of workflow " + id() + " went back: it had " + before + " events and now " + events);
        }
        seen = Math.max(seen, events);
        if (!ended && history.getEventsList().stream().anyMatch(Order::isEnd)) {
            ended = true;
            findings.count("orders ended");
        }
    }

    private static boolean isEnd(WorkflowEvent event) {
        String type = event.getEventType();
        return type.startsWith("WORKFLOW_") && (type.endsWith("COMPLETED") || type.endsWith("FAILED"));
    }

    private <T> void step(String what, Function<BenchClient, CompletableFuture<T>> call, Consumer<T> then) {
        clients.call(call).whenComplete((answer, failure) -> {
            if (failure == null) {
                then.accept(answer);
            } else {
                unexpected(what, failure);
                later(() -> step(what, call, then), AGAIN_MS);
            }
        });
    }

    /** Whatever is overloaded may say so; nothing else is a reason to refuse what is right. */
    private void unexpected(String what, Throwable failure) {
        Status.Code code = Nodes.code(failure);
        findings.count(what + " answered with " + code);
        if (code != Status.Code.RESOURCE_EXHAUSTED && !given) {
            findings.wrong("a " + what + " of order " + number + " was answered with " + code + ": "
                    + Status.fromThrowable(failure).getDescription());
        }
    }

    private void later(Runnable what, int millis) {
        if (!timer.isShutdown()) {
            timer.schedule(what, millis, TimeUnit.MILLISECONDS);
        }
    }

    /** Nobody waits for it any more. */
    void giveUp() {
        given = true;
    }

    boolean hasEnded() {
        return ended;
    }

    /** @return its id, once its start was acknowledged */
    @Nullable
    String idIfKnown() {
        return id;
    }

    private String id() {
        return Objects.requireNonNull(id, "id of a workflow whose start was acknowledged");
    }

    long sleepMs() {
        return sleepMs;
    }

    boolean hasChild() {
        return child;
    }

    /** @return what must come out of it */
    long output() {
        return OrderWorkflows.output(number, child);
    }

    /** @return how often the signal was sent; each may have come through, and one has, once it was acknowledged */
    int signalsSent() {
        return signals.get();
    }

    boolean isSignalled() {
        return signalled;
    }

    /** @return what it waits for, for people */
    String waitsFor() {
        return "order " + number + (id == null ? "" : " (workflow " + id + ")") + " waits for " + stage
                + " since its begin " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begunNanos) + " s ago";
    }
}

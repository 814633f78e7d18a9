package io.millrace.infra.bench;

import io.grpc.stub.StreamObserver;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Open loop at given rates: how soon a subscriber hears of a start, and how soon a worker holds the workflow through a
 * parked poll. As many bare hops go through the same Kafka at the same time.
 */
public final class NotifyBench implements Bench {

    private static final String KIND = "bench-notify";
    /** One subscriber on each of so many queues, so that it is known to which start a notification belongs. */
    private static final int QUEUES = 512;

    private static final int PARKED_POLLS = 8;

    @Override
    public String name() {
        return "notify";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report = new Report(
                name(),
                "open loop, start → notification at the subscriber, start → worker holds it through a parked poll;"
                        + " floor: bare produce(acks=all) → consume");
        try (BareHop floor = new BareHop(target.kafka());
                BenchClient client = target.client();
                Subscribers subscribers = new Subscribers(client);
                Holders holders = new Holders(client)) {
            for (int rate : options.rates()) {
                for (int round = 0; round <= options.rounds(); round++) {
                    Latencies bare = floor.measure(rate, options.seconds());
                    Latencies notified = subscribers.measure(rate, options.seconds(round), round == 0);
                    Latencies held = holders.measure(rate, options.seconds(round));
                    if (round > 0) {
                        bare.report(report, rate + "/s floor, one hop");
                        notified.report(report, rate + "/s start → notified");
                        report.add(rate + "/s start → notified", "p50/floor", notified.millis(50) / bare.millis(50));
                        held.report(report, rate + "/s start → held");
                        report.add(rate + "/s start → held", "p50/floor", held.millis(50) / bare.millis(50));
                    }
                }
            }
        }
        return report;
    }

    /** One subscriber on each of many queues. It polls when it is told of work, as a worker would. */
    static final class Subscribers implements AutoCloseable {
        private final BenchClient client;
        private final String worker;
        private final AtomicLong[] started = new AtomicLong[QUEUES];
        /** Queues whose last start was told. */
        private final ConcurrentLinkedQueue<Integer> free = new ConcurrentLinkedQueue<>();

        private volatile Latencies latencies = new Latencies();
        private volatile boolean running = true;

        Subscribers(BenchClient client) {
            this.client = client;
            this.worker = client.register("bench-subscriber", KIND, "bench-no-task");
            for (int i = 0; i < QUEUES; i++) {
                started[i] = new AtomicLong();
                free.add(i);
                int number = i;
                client.subscribe(worker, "notify-" + i, new StreamObserver<>() {
                    @Override
                    public void onNext(WorkAvailableEvent event) {
                        told(number);
                    }

                    @Override
                    public void onError(Throwable failure) {}

                    @Override
                    public void onCompleted() {}
                });
            }
        }

        private void told(int number) {
            long intended = started[number].getAndSet(0);
            if (intended != 0) {
                latencies.record(System.nanoTime() - intended);
            }
            // The poll does not wait. A waiting poll would take the next start before the subscriber is told of it.
            if (running) {
                client.pollWorkflow(worker, "notify-" + number, 0).whenComplete((response, failure) -> {
                    if (failure == null && response.hasWorkflowExecution()) {
                        client.complete(response.getWorkflowExecution().getId());
                        free.add(number);
                    }
                });
            }
        }

        /** @param cold whether the JVM is cold: then starts may be held up for long, but are told all the same */
        Latencies measure(int rate, int seconds, boolean cold) throws InterruptedException {
            latencies = new Latencies();
            AtomicInteger busy = new AtomicInteger();
            OpenLoop.run(rate, seconds, intended -> {
                Integer number = free.poll();
                if (number == null) {
                    busy.incrementAndGet();
                } else {
                    started[number].set(intended);
                    client.start(KIND, "notify-" + number);
                }
            });
            for (int i = 0; i < 1_000 && free.size() < QUEUES; i++) {
                Thread.sleep(10);
            }
            if (busy.get() > 0 && !cold || free.size() < QUEUES) {
                throw new IllegalStateException(
                        "expected every start to be told of in time, but " + busy + " found no queue of " + QUEUES
                                + " free, and " + (QUEUES - free.size()) + " were not told of");
            }
            return latencies;
        }

        @Override
        public void close() {
            running = false;
        }
    }

    /** Parked polls. Each is renewed as soon as it is answered. */
    private static final class Holders implements AutoCloseable {
        private static final String QUEUE = "notify-held";
        private final BenchClient client;
        private final String worker;
        private volatile Latencies latencies = new Latencies();
        private volatile boolean running = true;

        Holders(BenchClient client) {
            this.client = client;
            this.worker = client.register("bench-holder", KIND, "bench-no-task");
            for (int i = 0; i < PARKED_POLLS; i++) {
                poll();
            }
        }

        private void poll() {
            if (!running) {
                return;
            }
            client.pollWorkflow(worker, QUEUE, 30).whenComplete((response, failure) -> {
                if (failure == null) {
                    held(response);
                    poll();
                }
            });
        }

        private void held(PollResponse response) {
            if (response.hasWorkflowExecution()) {
                String input = response.getWorkflowExecution().getInput().toStringUtf8();
                latencies.record(System.nanoTime() - Long.parseLong(input));
                client.complete(response.getWorkflowExecution().getId());
            }
        }

        Latencies measure(int rate, int seconds) throws InterruptedException {
            latencies = new Latencies();
            OpenLoop.run(rate, seconds, intended -> client.start(KIND, QUEUE, String.valueOf(intended)));
            Thread.sleep(500);
            long expected = (long) rate * seconds;
            if (latencies.count() != expected) {
                throw new IllegalStateException(
                        "expected " + expected + " workflows to be held, but " + latencies.count() + " were");
            }
            return latencies;
        }

        @Override
        public void close() {
            running = false;
        }
    }
}

package io.millrace.infra.bench;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.millrace.proto.flovyn.v1.CommandType;
import io.millrace.proto.flovyn.v1.CreatePromiseCommand;
import io.millrace.proto.flovyn.v1.ScheduleChildWorkflowCommand;
import io.millrace.proto.flovyn.v1.ScheduleTaskCommand;
import io.millrace.proto.flovyn.v1.StartTimerCommand;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import io.millrace.proto.flovyn.v1.WorkflowCommand;
import io.millrace.proto.flovyn.v1.WorkflowStatus;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Time from cause to notification, for each cause that makes a waiting workflow ready again, and for a start to
 * compare. There are many queues with one subscriber and one workflow each, so that it is known which cause a
 * notification has.
 */
public final class ResumeBench implements Bench {

    private static final String KIND = "bench-resume";
    private static final int QUEUES = 256;
    private static final long TIMER_MS = 100;

    /** What a workflow waits for, and how it is made to happen. */
    private enum Cause {
        START,
        SIGNAL,
        PROMISE_RESOLVED,
        TIMER_FIRED,
        TASK_COMPLETED,
        CHILD_COMPLETED
    }

    @Override
    public String name() {
        return "resume";
    }

    @Override
    public Report run(BenchOptions options, BenchTarget target) throws Exception {
        Report report = new Report(name(), "open loop, cause → notification at the subscriber, for each cause");
        int rate = options.rates().getFirst();
        try (BenchClient client = target.client()) {
            Queues queues = new Queues(client);
            for (int round = 0; round <= options.rounds(); round++) {
                for (Cause cause : Cause.values()) {
                    Latencies latencies = queues.measure(cause, rate, options.seconds(), round == 0);
                    if (round > 0) {
                        latencies.report(
                                report,
                                rate + "/s "
                                        + cause.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " → notified");
                    }
                }
            }
        }
        return report;
    }

    private static final class Queues {
        private final BenchClient client;
        private final String worker;
        private final AtomicLong[] caused = new AtomicLong[QUEUES];
        /**
         * Completed by the notification of each queue's turn. A poll before it would take the work without a
         * notification.
         */
        private final AtomicReferenceArray<CompletableFuture<Void>> told = new AtomicReferenceArray<>(QUEUES);

        /** Queues whose last turn is over. */
        private final ConcurrentLinkedQueue<Integer> free = new ConcurrentLinkedQueue<>();

        private volatile Latencies latencies = new Latencies();
        private volatile @Nullable Throwable failure;

        Queues(BenchClient client) {
            this.client = client;
            this.worker = client.register("bench-resume", KIND, "bench-resume-task");
            for (int i = 0; i < QUEUES; i++) {
                caused[i] = new AtomicLong();
                free.add(i);
                int number = i;
                client.subscribe(worker, queue(i), new StreamObserver<>() {
                    @Override
                    public void onNext(WorkAvailableEvent event) {
                        long since = caused[number].getAndSet(0);
                        if (since != 0) {
                            latencies.record(System.nanoTime() - since);
                            told.get(number).complete(null);
                        }
                    }

                    @Override
                    public void onError(Throwable error) {}

                    @Override
                    public void onCompleted() {}
                });
            }
        }

        private static String queue(int number) {
            return "resume-" + number;
        }

        /** The queue on which the task or the child of the queue's workflow waits. */
        private static String aside(int number) {
            return "resume-aside-" + number;
        }

        /** @param cold whether the JVM is cold: then turns may take so long that queues run out */
        Latencies measure(Cause cause, int rate, int seconds, boolean cold) throws InterruptedException {
            latencies = new Latencies();
            AtomicInteger busy = new AtomicInteger();
            OpenLoop.run(rate, seconds, intended -> {
                Integer number = free.poll();
                if (number == null) {
                    busy.incrementAndGet();
                    return;
                }
                turn(cause, number).whenComplete((done, error) -> {
                    free.add(number);
                    failure = error == null ? failure : error;
                });
            });
            for (int i = 0; i < 1_000 && free.size() < QUEUES; i++) {
                Thread.sleep(10);
            }
            if (failure != null) {
                throw new IllegalStateException("expected every call to succeed, but one failed: " + failure, failure);
            }
            if (busy.get() > 0 && !cold || free.size() < QUEUES) {
                throw new IllegalStateException("expected " + QUEUES + " queues to be enough for " + rate
                        + " turns a second, but " + busy + " found none free, and " + (QUEUES - free.size())
                        + " turns did not end");
            }
            return latencies;
        }

        /** One workflow from start to end, with the one notification that is measured. */
        private CompletableFuture<?> turn(Cause cause, int number) {
            String queue = queue(number);
            if (cause == Cause.START) {
                mark(number, 0);
                return client.start(KIND, queue).thenCompose(id -> finish(number));
            }
            String child = UUID.randomUUID().toString();
            return client.start(KIND, queue)
                    .thenCompose(id -> client.pollWorkflow(worker, queue))
                    .thenCompose(work -> {
                        String id = work.getWorkflowExecution().getId();
                        if (cause == Cause.TIMER_FIRED) {
                            // Counted from before the call that sets the timer, so rather a little too long than too
                            // short.
                            mark(number, TIMER_MS);
                        }
                        return client.submit(
                                        id,
                                        WorkflowStatus.SUSPENDED,
                                        first(cause, child, aside(number)),
                                        TaskLoop.suspend())
                                .thenCompose(none -> bringAbout(cause, number, id));
                    })
                    .thenCompose(none -> finish(number));
        }

        /** The cause happens now, or after so many milliseconds. */
        private void mark(int number, long afterMs) {
            told.set(number, new CompletableFuture<>());
            caused[number].set(System.nanoTime() + afterMs * 1_000_000);
        }

        private CompletableFuture<?> finish(int number) {
            return told.get(number)
                    .thenCompose(none -> client.pollWorkflow(worker, queue(number)))
                    .thenCompose(
                            work -> client.complete(work.getWorkflowExecution().getId()));
        }

        private CompletableFuture<?> bringAbout(Cause cause, int number, String id) {
            return switch (cause) {
                case START -> throw new IllegalStateException("a start has no cause but itself");
                case TIMER_FIRED -> CompletableFuture.completedFuture(null);
                case SIGNAL -> {
                    mark(number, 0);
                    yield client.signal(id);
                }
                case PROMISE_RESOLVED -> {
                    mark(number, 0);
                    yield client.resolve(id + ":go");
                }
                case TASK_COMPLETED ->
                    client.pollTask(worker, aside(number)).thenCompose(task -> {
                        mark(number, 0);
                        return client.completeTask(task.getTask().getTaskExecutionId());
                    });
                case CHILD_COMPLETED ->
                    client.pollWorkflow(worker, aside(number)).thenCompose(work -> {
                        mark(number, 0);
                        return client.complete(work.getWorkflowExecution().getId());
                    });
            };
        }

        private static WorkflowCommand first(Cause cause, String child, String aside) {
            WorkflowCommand.Builder command = WorkflowCommand.newBuilder().setSequenceNumber(2);
            switch (cause) {
                case TASK_COMPLETED ->
                    command.setCommandType(CommandType.SCHEDULE_TASK)
                            .setScheduleTask(ScheduleTaskCommand.newBuilder()
                                    .setKind("bench-resume-task")
                                    .setTaskExecutionId(child)
                                    .setQueue(aside)
                                    .setInput(ByteString.copyFromUtf8("1")));
                case CHILD_COMPLETED ->
                    command.setCommandType(CommandType.SCHEDULE_CHILD_WORKFLOW)
                            .setScheduleChildWorkflow(ScheduleChildWorkflowCommand.newBuilder()
                                    .setChildExecutionName("child")
                                    .setWorkflowKind(KIND)
                                    .setChildWorkflowExecutionId(child)
                                    .setQueue(aside)
                                    .setInput(ByteString.copyFromUtf8("1")));
                case TIMER_FIRED ->
                    command.setCommandType(CommandType.START_TIMER)
                            .setStartTimer(StartTimerCommand.newBuilder()
                                    .setTimerId("sleep-1")
                                    .setDurationMs(TIMER_MS));
                default ->
                    command.setCommandType(CommandType.CREATE_PROMISE)
                            .setCreatePromise(CreatePromiseCommand.newBuilder().setPromiseId("go"));
            }
            return command.build();
        }
    }
}

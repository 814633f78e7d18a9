package io.millrace.notifier;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.directory.ConnectionRegistrations;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.flovyn.v1.SubscriptionRequest;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import io.millrace.proto.flovyn.v1.WorkerLifecycleGrpc;
import io.millrace.proto.flovyn.v1.WorkerRegistrationRequest;
import io.millrace.proto.flovyn.v1.WorkerRegistrationResponse;
import io.millrace.proto.flovyn.v1.WorkflowCapability;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.reads.TaskHomes;
import io.millrace.proto.trace.Spans;
import io.millrace.proto.v1.Principal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A notifier behind a real gRPC server in this process, with a scripted log on its other side. */
final class Stage implements AutoCloseable {

    static final UUID ORG = UUID.fromString("550e8400-e29b-41d4-a716-446655440000");
    static final String QUEUE = "orders";

    final ScriptedLog log;
    final KnownWorkers workers = new KnownWorkers();
    final TaskHomes places = new TaskHomes();
    final Notifier notifier;
    private static final Metadata.Key<String> WHO = Metadata.Key.of("who", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> KEY = Metadata.Key.of("key", Metadata.ASCII_STRING_MARSHALLER);

    final WorkflowDispatchGrpc.WorkflowDispatchFutureStub dispatch;
    final TaskExecutionGrpc.TaskExecutionFutureStub tasks;
    private final Server server;
    private final String address;
    private final ManagedChannel channel;

    Stage() {
        this(NotifierConfig.defaults(), 4);
    }

    Stage(NotifierConfig config, int partitions) {
        log = new ScriptedLog(partitions);
        notifier = new Notifier(config, log, workers, places, new RefusedRequests(log), Spans.NONE);
        log.hintsTo(notifier);
        notifier.start();
        String name = InProcessServerBuilder.generateName();
        InProcessServerBuilder builder =
                InProcessServerBuilder.forName(name).directExecutor().intercept(new CallerOf(ORG));
        notifier.services().forEach(builder::addService);
        builder.addService(ServerInterceptors.intercept(new FrontDoor(), notifier.connections()));
        builder.addTransportFilter(notifier.connections());
        try {
            server = builder.build().start();
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        }
        address = name;
        channel = connect();
        dispatch = WorkflowDispatchGrpc.newFutureStub(channel);
        tasks = TaskExecutionGrpc.newFutureStub(channel);
    }

    /** @return another connection, the caller's to close */
    ManagedChannel connect() {
        return InProcessChannelBuilder.forName(address).directExecutor().build();
    }

    /** @return the same of a caller with the id, who shows that key; the caller's to close */
    ManagedChannel connectAs(String id, String key) {
        return InProcessChannelBuilder.forName(address)
                .directExecutor()
                .intercept(showing(id, key))
                .build();
    }

    /** @return the same of a caller whose calls share the connection with those of others, as through a proxy */
    static Channel throughAs(ManagedChannel connection, String id, String key) {
        return ClientInterceptors.intercept(connection, showing(id, key));
    }

    private static ClientInterceptor showing(String id, String key) {
        Metadata shown = new Metadata();
        shown.put(WHO, id);
        shown.put(KEY, key);
        return MetadataUtils.newAttachHeadersInterceptor(shown);
    }

    /** The defaults, but with a delay before more subscribers are woken. */
    static NotifierConfig patient(Duration escalationDelay) {
        return NotifierConfig.defaults().withEscalation(escalationDelay, Duration.ofMillis(100));
    }

    /** @return the id of a worker that registers on this connection */
    static String register(Channel connection, String name, String host, String... kinds) {
        WorkerRegistrationRequest.Builder request =
                WorkerRegistrationRequest.newBuilder().setWorkerName(name).setHostName(host);
        for (String kind : kinds) {
            request.addWorkflows(WorkflowCapability.newBuilder().setKind(kind));
        }
        return WorkerLifecycleGrpc.newBlockingStub(connection)
                .registerWorker(request.build())
                .getWorkerId();
    }

    ListenableFuture<PollResponse> poll(String worker, long seconds) {
        return dispatch.pollWorkflow(pollOf(worker, seconds));
    }

    static PollRequest pollOf(String worker, long seconds) {
        return PollRequest.newBuilder()
                .setOrgId(ORG.toString())
                .setQueue(QUEUE)
                .setWorkerId(worker)
                .setTimeoutSeconds(seconds)
                .build();
    }

    /** Polls and hands over the id of whatever reaches the client, even if the poll is cancelled in that moment. */
    Polling polling(String worker, long seconds, Consumer<String> work) {
        Polling polling = new Polling(work);
        WorkflowDispatchGrpc.newStub(channel).pollWorkflow(pollOf(worker, seconds), polling);
        return polling;
    }

    ListenableFuture<PollTaskResponse> pollTask(String worker, long seconds) {
        return tasks.pollTask(PollTaskRequest.newBuilder()
                .setOrgId(ORG.toString())
                .setQueue(QUEUE)
                .setWorkerId(worker)
                .setTimeoutSeconds(seconds)
                .build());
    }

    /** Subscribes and waits until the notifier knows it. */
    Subscriber subscribe(String worker) {
        return subscribe(channel, worker);
    }

    /** Subscribes through the connection and waits until the notifier knows it. */
    Subscriber subscribe(ManagedChannel connection, String worker) {
        long before = notifier.stats().subscriptions();
        Subscriber subscriber = open(connection, worker, ORG.toString(), QUEUE, Integer.MAX_VALUE);
        await(() -> notifier.stats().subscriptions() > before);
        return subscriber;
    }

    /** Subscribes, asking the transport for so many events. */
    Subscriber open(String worker, String org, String queue, int events) {
        return open(channel, worker, org, queue, events);
    }

    private static Subscriber open(ManagedChannel connection, String worker, String org, String queue, int events) {
        Subscriber subscriber = new Subscriber(events);
        WorkflowDispatchGrpc.newStub(connection)
                .subscribeToNotifications(
                        SubscriptionRequest.newBuilder()
                                .setWorkerId(worker)
                                .setOrgId(org)
                                .setQueue(queue)
                                .build(),
                        subscriber);
        return subscriber;
    }

    static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("expected the condition to become true within 20 s, but it did not");
            }
            LockSupport.parkNanos(100_000);
        }
    }

    @Override
    public void close() {
        notifier.close();
        channel.shutdownNow();
        server.shutdownNow();
        log.close();
    }

    /** The client's end of a subscription. */
    static final class Subscriber implements ClientResponseObserver<SubscriptionRequest, WorkAvailableEvent> {

        final BlockingQueue<WorkAvailableEvent> events = new LinkedBlockingQueue<>();
        final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();
        private final int initially;
        private ClientCallStreamObserver<SubscriptionRequest> call;
        private volatile Runnable atEvent = () -> {};

        Subscriber(int initially) {
            this.initially = initially;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<SubscriptionRequest> requests) {
            call = requests;
            call.disableAutoRequestWithInitial(initially);
        }

        void onEvent(Runnable action) {
            atEvent = action;
        }

        void request(int more) {
            call.request(more);
        }

        void cancel() {
            call.cancel("done", null);
        }

        WorkAvailableEvent next() throws InterruptedException {
            WorkAvailableEvent event = events.poll(10, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("expected an event within 10 s, but none came");
            }
            return event;
        }

        @Override
        public void onNext(WorkAvailableEvent event) {
            events.add(event);
            atEvent.run();
        }

        @Override
        public void onError(Throwable error) {
            errors.add(error);
        }

        @Override
        public void onCompleted() {
            errors.add(new IllegalStateException("expected the stream to stay open, but the server completed it"));
        }
    }

    /** The client's end of a poll that may be cancelled. */
    static final class Polling implements ClientResponseObserver<PollRequest, PollResponse> {

        private final Consumer<String> work;
        private final CompletableFuture<Optional<String>> over = new CompletableFuture<>();
        private Optional<String> received = Optional.empty();
        private ClientCallStreamObserver<PollRequest> call;

        Polling(Consumer<String> work) {
            this.work = work;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<PollRequest> requests) {
            call = requests;
        }

        void cancel() {
            call.cancel("changed its mind", null);
        }

        /** @return the work of a poll that ended well */
        Optional<String> join() {
            return over.join();
        }

        @Override
        public void onNext(PollResponse answer) {
            if (answer.hasWorkflowExecution()) {
                received = Optional.of(answer.getWorkflowExecution().getId());
                work.accept(answer.getWorkflowExecution().getId());
            }
        }

        @Override
        public void onError(Throwable error) {
            over.complete(Optional.empty());
        }

        @Override
        public void onCompleted() {
            over.complete(received);
        }
    }

    /** Where workers register. */
    private final class FrontDoor extends WorkerLifecycleGrpc.WorkerLifecycleImplBase {

        @Override
        public void registerWorker(
                WorkerRegistrationRequest request, StreamObserver<WorkerRegistrationResponse> observer) {
            List<String> kinds = request.getWorkflowsList().stream()
                    .map(WorkflowCapability::getKind)
                    .toList();
            UUID id = workers.register(
                    Caller.current().principal(), request.getWorkerName(), request.getHostName(), kinds, List.of());
            ConnectionRegistrations.current().add(id);
            observer.onNext(WorkerRegistrationResponse.newBuilder()
                    .setWorkerId(id.toString())
                    .build());
            observer.onCompleted();
        }
    }

    private record CallerOf(UUID org) implements ServerInterceptor {

        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            String who = headers.get(WHO);
            String key = headers.get(KEY);
            Principal principal = Principal.newBuilder()
                    .setType(Principal.Type.WORKER)
                    .setId(who == null ? "worker" : who)
                    .setCredential(key == null ? "" : key)
                    .build();
            Context context = Context.current().withValue(Caller.KEY, new Caller(org, "dev", principal, "in-process"));
            return Contexts.interceptCall(context, call, headers, next);
        }
    }
}

package io.millrace.notifier.call;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.millrace.notifier.config.Counters;
import io.millrace.notifier.connection.Connection;
import io.millrace.notifier.connection.Identities;
import io.millrace.notifier.connection.Identity;
import io.millrace.notifier.connection.Presence;
import io.millrace.notifier.queue.Listener;
import io.millrace.notifier.queue.QueueIndex;
import io.millrace.notifier.queue.WorkQueue;
import io.millrace.notifier.queue.WorkerKinds;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.SubscriptionRequest;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.v1.WorkType;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** SubscribeToNotifications: one {@link Subscription} for each call. Never blocks the calling thread. */
public class Subscriptions implements ServerCallHandler<SubscriptionRequest, WorkAvailableEvent> {

    private static final String SUBSCRIBE =
            WorkflowDispatchGrpc.getSubscribeToNotificationsMethod().getFullMethodName();

    private final QueueIndex index;
    private final Identities identities;
    private final Presence presence;
    private final RefusedRequests refused;
    private final Counters counters;

    /**
     * @param identities tell who subscribes
     * @param presence notes who does
     * @param refused where refused subscriptions are noted
     */
    public Subscriptions(
            QueueIndex index, Identities identities, Presence presence, RefusedRequests refused, Counters counters) {
        this.index = index;
        this.identities = identities;
        this.presence = presence;
        this.refused = refused;
        this.counters = counters;
    }

    @Override
    public ServerCall.Listener<SubscriptionRequest> startCall(
            ServerCall<SubscriptionRequest, WorkAvailableEvent> call, Metadata headers) {
        Subscription subscription = new Subscription(this, call);
        // A second message would be a fault of the client: asking for two lets it be noticed.
        call.request(2);
        return subscription;
    }

    /**
     * Finds what the subscription is to hear of.
     *
     * @throws io.grpc.StatusRuntimeException as {@link QueueRequest#queueOf} says
     */
    List<Listener> listeners(SubscriptionRequest request, Connection connection, Subscription subscription) {
        WorkQueue workflows = new QueueRequest(SUBSCRIBE, request.getOrgId(), request.getQueue(), request.getWorkerId())
                .queueOf(WorkType.WORKFLOW, refused);
        Caller caller = Caller.current();
        Identity identity = identities.of(workflows.orgId(), request.getWorkerId(), connection, caller.principal());
        presence.note(identity);
        WorkerKinds kinds = identity.kinds();
        Set<String> allowed = caller.scope().kinds();
        return Stream.of(workflows, workflows.other())
                .map(key -> new Listener(
                        key,
                        kinds.of(key.workType()).within(allowed),
                        identity.worker().workerId(),
                        subscription))
                .filter(listener -> !listener.filter().none())
                .toList();
    }

    void opened(Subscription subscription) {
        counters.subscriptions.increment();
        subscription.listeners().forEach(index::listen);
    }

    void closed(Subscription subscription) {
        counters.subscriptions.decrement();
        subscription.listeners().forEach(listener -> index.leave(listener, false));
    }

    boolean hasWork(Subscription subscription) {
        return subscription.listeners().stream().anyMatch(index::hasWork);
    }

    void sent() {
        counters.wakeUpsSent.increment();
    }
}

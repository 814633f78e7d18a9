package io.millrace.notifier.call;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.millrace.notifier.connection.Connections;
import io.millrace.notifier.queue.Listener;
import io.millrace.notifier.queue.Wakeable;
import io.millrace.notifier.queue.WorkQueue;
import io.millrace.proto.flovyn.v1.SubscriptionRequest;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One stream of SubscribeToNotifications. An event says that there is work, not how much, so at most one is pending. A reader
 * that is slower than the wake-ups gets one when it is ready again, if there is still work then. Small on purpose: no thread,
 * no timer, no buffer of its own. gRPC's callbacks come one after the other; {@link #wake} and {@link #end} come from
 * anywhere.
 */
final class Subscription extends ServerCall.Listener<SubscriptionRequest> implements Wakeable {

    private static final AtomicIntegerFieldUpdater<Subscription> TURNS =
            AtomicIntegerFieldUpdater.newUpdater(Subscription.class, "turns");

    private final Subscriptions home;
    private final ServerCall<SubscriptionRequest, WorkAvailableEvent> call;
    private @Nullable SubscriptionRequest request;
    private volatile List<Listener> listeners = List.of();
    private volatile boolean pending;
    private volatile @Nullable Status ending;
    private volatile int turns;
    private boolean opened;
    private boolean closed;

    Subscription(Subscriptions home, ServerCall<SubscriptionRequest, WorkAvailableEvent> call) {
        this.home = home;
        this.call = call;
    }

    @Override
    public void onMessage(SubscriptionRequest message) {
        if (request != null) {
            end(Status.INVALID_ARGUMENT.withDescription("expected one request, but got two"));
            return;
        }
        request = message;
    }

    @Override
    public void onHalfClose() {
        if (ending != null) {
            return;
        }
        if (request == null) {
            end(Status.INVALID_ARGUMENT.withDescription("expected one request, but got none"));
            return;
        }
        try {
            listeners = home.listeners(request, Connections.of(call), this);
        } catch (StatusRuntimeException refused) {
            end(refused.getStatus());
            return;
        }
        request = null;
        // The headers tell the client that it is subscribed, before there is anything to tell.
        call.sendHeaders(new Metadata());
        opened = true;
        home.opened(this);
    }

    @Override
    public void onCancel() {
        leave();
    }

    @Override
    public void onComplete() {
        leave();
    }

    @Override
    public void onReady() {
        if (pending) {
            pending = false; // before the look: a wake-up that comes meanwhile stands
            if (home.hasWork(this)) {
                pending = true;
            }
        }
        send();
    }

    @Override
    public void wake() {
        pending = true;
        send();
    }

    @Override
    public void end() {
        end(Status.UNAVAILABLE.withDescription("UNAVAILABLE: this server is going down"));
    }

    /** @return its places in the index, at most one for workflow and one for task work */
    List<Listener> listeners() {
        return listeners;
    }

    private void end(Status status) {
        ending = status;
        send();
    }

    private void leave() {
        if (opened) {
            opened = false;
            home.closed(this);
        }
    }

    /** The call is not safe for use by several threads: whoever comes while another is in here leaves its turn to it. */
    private void send() {
        if (TURNS.getAndIncrement(this) != 0) {
            return;
        }
        int taken = 1;
        do {
            try {
                sendOne();
            } catch (RuntimeException broken) {
                // A call that cannot be used must not keep its turn, nor harm the thread that brought the news.
                closed = true;
            }
            taken = TURNS.addAndGet(this, -taken);
        } while (taken != 0);
    }

    private void sendOne() {
        if (closed) {
            return;
        }
        if (ending != null) {
            closed = true;
            call.close(ending, new Metadata());
        } else if (pending && call.isReady()) {
            pending = false;
            sendEvent();
        }
    }

    private void sendEvent() {
        WorkQueue key = listeners.get(0).key();
        call.sendMessage(WorkAvailableEvent.newBuilder()
                .setOrgId(key.orgId().toString())
                .setQueue(key.queue())
                .setTimestampMs(System.currentTimeMillis())
                .build());
        home.sent();
    }
}

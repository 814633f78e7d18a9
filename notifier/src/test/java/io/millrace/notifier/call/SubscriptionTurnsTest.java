package io.millrace.notifier.call;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.notifier.config.Counters;
import io.millrace.notifier.connection.Connection;
import io.millrace.notifier.queue.KindFilter;
import io.millrace.notifier.queue.Listener;
import io.millrace.notifier.queue.WorkQueue;
import io.millrace.proto.flovyn.v1.SubscriptionRequest;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.v1.WorkType;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Wake-ups of a subscriber that is slow, in one order at a time. */
class SubscriptionTurnsTest {

    private final Call call = new Call();
    private final Home home = new Home();
    private final Subscription subscription = new Subscription(home, call);

    SubscriptionTurnsTest() {
        subscription.onMessage(SubscriptionRequest.getDefaultInstance());
        subscription.onHalfClose();
    }

    @Test
    void aWakeUpDuringTheLookForWorkIsNotLost() {
        subscription.wake();
        home.work = () -> {
            subscription.wake(); // for work that came after the look
            return false;
        };
        subscription.onReady();

        home.work = () -> true;
        becomesReady();
        assertEquals(1, call.events.size());
    }

    @Test
    void aWakeUpForWorkThatIsGoneIsDropped() {
        subscription.wake();
        home.work = () -> false;
        becomesReady();
        assertEquals(0, call.events.size());

        home.work = () -> true;
        subscription.onReady();
        assertEquals(0, call.events.size(), "it was not woken again");
    }

    private void becomesReady() {
        call.ready = true;
        subscription.onReady();
    }

    /** Answers as it is told, instead of an index. */
    private static final class Home extends Subscriptions {

        private BooleanSupplier work = () -> true;

        Home() {
            super(null, null, null, null, new Counters());
        }

        @Override
        List<Listener> listeners(SubscriptionRequest request, Connection connection, Subscription subscription) {
            WorkQueue key = new WorkQueue(new UUID(1, 1), "orders", WorkType.WORKFLOW);
            return List.of(new Listener(key, KindFilter.ANY, "w", subscription));
        }

        @Override
        void opened(Subscription subscription) {}

        @Override
        boolean hasWork(Subscription subscription) {
            return work.getAsBoolean();
        }
    }

    private static final class Call extends ServerCall<SubscriptionRequest, WorkAvailableEvent> {

        private final List<WorkAvailableEvent> events = new ArrayList<>();
        private boolean ready;

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void sendMessage(WorkAvailableEvent event) {
            events.add(event);
        }

        @Override
        public void request(int messages) {}

        @Override
        public void sendHeaders(Metadata headers) {}

        @Override
        public void close(Status status, Metadata trailers) {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }

        @Override
        public MethodDescriptor<SubscriptionRequest, WorkAvailableEvent> getMethodDescriptor() {
            return WorkflowDispatchGrpc.getSubscribeToNotificationsMethod();
        }
    }
}

package io.millrace.infra.testing;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import io.millrace.ingest.config.Access;
import io.millrace.proto.flovyn.v1.SubscriptionRequest;
import io.millrace.proto.flovyn.v1.WorkAvailableEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A worker's subscription, and the events that it got. */
public final class TestSubscriber implements AutoCloseable {

    private final BlockingQueue<WorkAvailableEvent> heard = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Context.CancellableContext context = Context.current().withCancellation();

    /** Subscribes to a queue of the development organisation. */
    public TestSubscriber(TestClient client, String worker, String queue) {
        SubscriptionRequest request = SubscriptionRequest.newBuilder()
                .setOrgId(Access.DEV_ORG.toString())
                .setWorkerId(worker)
                .setQueue(queue)
                .build();
        context.run(() -> client.openWorkflows().subscribeToNotifications(request, new StreamObserver<>() {
            @Override
            public void onNext(WorkAvailableEvent event) {
                heard.add(event);
            }

            @Override
            public void onError(Throwable failure) {
                ended.completeExceptionally(failure);
            }

            @Override
            public void onCompleted() {
                ended.complete(null);
            }
        }));
    }

    /** @return the next event, if one comes within the time */
    public Optional<WorkAvailableEvent> next(Duration longest) throws InterruptedException {
        return Optional.ofNullable(heard.poll(longest.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** @return the next event; fails the test if none comes */
    public WorkAvailableEvent next() throws InterruptedException {
        return next(Await.LIMIT).orElseThrow(() -> new AssertionError("expected a notification, but none came"));
    }

    /** @return completes when the server ends the stream; exceptionally with the stream's status */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Ends the subscription. */
    @Override
    public void close() {
        context.cancel(null);
    }
}

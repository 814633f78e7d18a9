package io.millrace.notifier.call;

import io.grpc.stub.ServerCallStreamObserver;
import io.millrace.notifier.queue.ClaimDesk;
import io.millrace.notifier.queue.Listener;
import io.millrace.notifier.queue.PollAnswer;
import io.millrace.notifier.queue.QueueIndex;
import io.millrace.notifier.queue.WorkQueue;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC end of a poll. Work that it took but could not deliver goes back. Whoever takes it out of {@link #held}, the
 * answering thread or the cancelling one, gives it back. So it happens once.
 */
final class PollCall<R> implements PollAnswer {

    /** How a poll ended. */
    enum Ending {
        WORK,
        EMPTY,
        CANCELLED
    }

    private static final Logger LOG = LoggerFactory.getLogger(PollCall.class);

    private final QueueIndex index;
    private final WorkQueue key;
    private final ServerCallStreamObserver<R> observer;
    private final ClaimDesk claims;
    private final Function<WorkClaimed.Result, R> response;
    private final R nothing;
    private final AtomicReference<WorkClaimed.Result> held = new AtomicReference<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private final Consumer<Ending> atEnd;
    private volatile @Nullable Listener watch;

    /**
     * @param response makes the answer of work
     * @param nothing the answer when there is none
     * @param atEnd told once, when the poll is over
     */
    PollCall(
            QueueIndex index,
            WorkQueue key,
            ServerCallStreamObserver<R> observer,
            ClaimDesk claims,
            Function<WorkClaimed.Result, R> response,
            R nothing,
            Consumer<Ending> atEnd) {
        this.index = index;
        this.key = key;
        this.observer = observer;
        this.claims = claims;
        this.response = response;
        this.nothing = nothing;
        this.atEnd = atEnd;
    }

    /** Lets the listener listen as long as the poll is open. */
    void watch(Listener listener) {
        watch = listener;
        index.listen(listener);
        if (over.get()) {
            index.leave(listener, false);
        }
    }

    @Override
    public void work(WorkClaimed.Result result) {
        held.set(result);
        end(Ending.WORK);
        if (observer.isCancelled()) {
            giveBack();
            return;
        }
        try {
            observer.onNext(response.apply(result));
            observer.onCompleted();
        } catch (RuntimeException undeliverable) {
            giveBack();
        }
    }

    @Override
    public void empty() {
        end(Ending.EMPTY);
        try {
            observer.onNext(nothing);
            observer.onCompleted();
        } catch (IllegalStateException closed) {
            LOG.debug("poll had gone queue={}", key.queue());
        }
    }

    /** The call was cancelled, before or after its answer was handed to the transport. */
    void cancelled() {
        end(Ending.CANCELLED);
        giveBack();
    }

    /** The transport has taken the whole answer. */
    void delivered() {
        held.set(null);
    }

    private void giveBack() {
        WorkClaimed.Result result = held.getAndSet(null);
        if (result != null) {
            claims.giveBack(key, result, "the poll was cancelled before the work reached the worker");
        }
    }

    private void end(Ending how) {
        if (over.compareAndSet(false, true)) {
            atEnd.accept(how);
            Listener watching = watch;
            if (watching != null) {
                index.leave(watching, how == Ending.EMPTY);
            }
        }
    }
}

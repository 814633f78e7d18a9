package io.millrace.infra.door;

import com.google.protobuf.MessageLite;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.infra.door.DoorConnection.Lanes;
import io.millrace.ingest.grpc.LimitRefusals;
import io.millrace.ingest.limits.Pool;
import io.millrace.ingest.limits.Turnstile;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call whose single answer waits until the client has taken the answers before it. Calls that stream answers look
 * after themselves by {@link ServerCall#isReady}. Used like any call, by one thread at a time.
 */
final class LimitedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private static final Logger LOG = LoggerFactory.getLogger(LimitedCall.class);

    /** Beside answers of so many bytes the others do not count. */
    private static final int SMALL_BYTES = 64 << 10;

    private final DoorConnection connection;
    private final Lanes lanes;
    private final Pool.Share seats;
    private final boolean counted;
    private final RequestMeter meter;
    private final boolean oneAnswer;
    private @Nullable A answer;
    private volatile Turnstile.@Nullable Ticket ticket;
    private volatile boolean over;
    private volatile boolean closed;
    private volatile boolean undelivered;
    private final AtomicLong held = new AtomicLong();
    private volatile @Nullable HistoryPlace history;
    private boolean refused;
    private long seenBytes = -1;
    private long seenNanos;

    /**
     * @param seats where it has one, which it gives back
     * @param counted whether it counts among the calls of its connection
     */
    LimitedCall(
            ServerCall<Q, A> call,
            DoorConnection connection,
            Lanes lanes,
            Pool.Share seats,
            boolean counted,
            RequestMeter meter) {
        super(call);
        this.counted = counted;
        if (counted) {
            lanes.calls().incrementAndGet();
        }
        this.connection = connection;
        this.lanes = lanes;
        this.seats = seats;
        this.meter = meter;
        this.oneAnswer = call.getMethodDescriptor().getType().serverSendsOneMessage();
        meter.of(this, lanes.load().requestBytes());
        connection.opened(this);
    }

    @Override
    public void sendMessage(A message) {
        if (oneAnswer) {
            answer = message; // close follows
        } else {
            super.sendMessage(message);
        }
    }

    /** It answers with a history, which has this place. To be called before anything of the request is there. */
    void answersWith(HistoryPlace place) {
        history = place;
        if (closed) {
            place.answered();
        }
    }

    @Override
    public void close(Status status, Metadata trailers) {
        if (answer == null) {
            super.close(status, trailers);
        } else {
            closeInTurn(status, trailers);
        }
        answered();
    }

    private void closeInTurn(Status status, Metadata trailers) {
        long bytes = answer instanceof MessageLite message ? message.getSerializedSize() : 0;
        if (history == null && bytes > SMALL_BYTES && !hold(bytes)) {
            answer = null;
            undelivered = true;
            LimitRefusals.refuse(
                    delegate(),
                    "expected the clients of an organisation to take its large answers, but with this one"
                            + " there would be more on this node than it has memory for");
            return;
        }
        ticket = lanes.answers().ticket(bytes, () -> {
            super.sendMessage(answer);
            super.close(status, trailers);
        });
        if (over) {
            ticket.leave(); // cancelled in the meantime
        }
        ticket.enter();
    }

    /** Histories are counted before they are read; what else is large cannot wait until there is room, since it is there. */
    private boolean hold(long bytes) {
        if (!lanes.load().heldBytes().take(bytes)) {
            return false;
        }
        held.set(bytes);
        if (over) {
            giveBack();
        }
        return true;
    }

    private void giveBack() {
        long bytes = held.getAndSet(0);
        if (bytes > 0) {
            lanes.load().heldBytes().give(bytes);
        }
    }

    /** @return whether it was ended without the answer that it had: whoever gave that has to take it back */
    boolean undelivered() {
        return undelivered;
    }

    private void answered() {
        closed = true;
        if (history != null) {
            history.answered();
        }
    }

    /** @return whether the call is to be carried out; to be asked when the whole request is there */
    boolean asked() {
        connection.asked(this);
        if (!refused) {
            meter.carries()
                    .ifPresent(tooMuch -> refuse(call -> LimitRefusals.refuse(call, tooMuch.text(), tooMuch.pause())));
        }
        return !refused;
    }

    /** Nothing more will happen. */
    void over() {
        over = true;
        connection.closed(this);
        seats.give(1);
        if (counted) {
            lanes.calls().decrementAndGet();
        }
        if (history != null) {
            history.over();
        }
        if (ticket != null || held.get() > 0) {
            connection.afterWrites(this::leave);
        }
    }

    private void leave() {
        if (ticket != null) {
            ticket.leave();
        }
        giveBack();
    }

    /** Ends the call with the status of a fault of this server. Does nothing if the call has an answer. */
    void fail() {
        try {
            super.close(
                    Status.INTERNAL.withDescription(
                            "expected to carry out the call, but a fault of the server prevented it"),
                    new Metadata());
        } catch (IllegalStateException hasOne) {
            LOG.debug("a call failed that had its answer", hasOne);
        }
        answered();
    }

    /** Ends the call: its organisation has too much in requests that are under way, or have come only in part. */
    void tooMuchAsked() {
        refuse(call -> LimitRefusals.refuse(
                call,
                "expected the requests under way of an organisation to fit into this node's memory, but"
                        + " with this one they do not"));
    }

    /** Ends the call if nothing of its request has come for so long. To be called on the connection's thread. */
    void endIfUnfinished(long nowNanos, long patienceNanos) {
        if (meter.received() != seenBytes) {
            seenBytes = meter.received();
            seenNanos = nowNanos;
        } else if (nowNanos - seenNanos > patienceNanos) {
            Status late = Status.DEADLINE_EXCEEDED.withDescription(
                    "expected the rest of the request, but for " + patienceNanos / 1_000_000 + " ms nothing came");
            refuse(call -> call.close(late, new Metadata()));
        }
    }

    /** To be called only before the request is there: until then nobody else uses the call. */
    private void refuse(Consumer<ServerCall<Q, A>> end) {
        refused = true;
        connection.asked(this);
        end.accept(delegate());
    }
}

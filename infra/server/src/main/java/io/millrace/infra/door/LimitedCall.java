package io.millrace.infra.door;

import com.google.protobuf.MessageLite;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.infra.door.DoorConnection.Lanes;
import io.millrace.ingest.limits.Pool;
import io.millrace.ingest.limits.Turnstile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call whose single answer waits until the client has taken the answers before it. Calls that stream answers look
 * after themselves by {@link ServerCall#isReady}. Used like any call, by one thread at a time.
 */
final class LimitedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private static final Logger LOG = LoggerFactory.getLogger(LimitedCall.class);

    private final DoorConnection connection;
    private final Lanes lanes;
    private final Pool.Share seats;
    private final RequestMeter meter;
    private final boolean oneAnswer;
    private @Nullable A answer;
    private volatile Turnstile.@Nullable Ticket ticket;
    private volatile boolean over;
    private boolean refused;
    private long seenBytes = -1;
    private long seenNanos;

    LimitedCall(ServerCall<Q, A> call, DoorConnection connection, Lanes lanes, Pool.Share seats, RequestMeter meter) {
        super(call);
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

    @Override
    public void close(Status status, Metadata trailers) {
        if (answer == null) {
            super.close(status, trailers);
            return;
        }
        long bytes = answer instanceof MessageLite message ? message.getSerializedSize() : 0;
        ticket = lanes.answers().ticket(bytes, () -> {
            super.sendMessage(answer);
            super.close(status, trailers);
        });
        if (abandoned()) {
            ticket.leave(); // cancelled in the meantime
        }
        ticket.enter();
    }

    /** @return whether the call is to be carried out; to be asked when the whole request is there */
    boolean asked() {
        connection.asked(this);
        return !refused;
    }

    /** @return whether nobody waits for it any more; that it is over may come later */
    boolean abandoned() {
        return over || connection.ended();
    }

    /** Nothing more will happen. */
    void over() {
        over = true;
        connection.closed(this);
        seats.give(1);
        if (ticket != null) {
            ticket.leave();
        }
    }

    /** Ends the call with the status of a fault of this server. Does nothing if the call has an answer. */
    void fail() {
        try {
            super.close(
                    Status.INTERNAL.withDescription(
                            "expected to carry out the call, but a fault of the server prevented it"),
                    new Metadata());
        } catch (IllegalStateException closed) {
            LOG.debug("a call failed that had its answer", closed);
        }
    }

    /** Ends the call: its organisation has too much in requests that are under way, or have come only in part. */
    void tooMuchAsked() {
        refuse(LimitRefusals.tooMuch(
                "expected the requests under way of an organisation to fit into this node's memory, but"
                        + " with this one they do not"));
    }

    /** Ends the call if nothing of its request has come for so long. To be called on the connection's thread. */
    void endIfUnfinished(long nowNanos, long patienceNanos) {
        if (meter.received() != seenBytes) {
            seenBytes = meter.received();
            seenNanos = nowNanos;
        } else if (nowNanos - seenNanos > patienceNanos) {
            refuse(Status.DEADLINE_EXCEEDED.withDescription(
                    "expected the rest of the request, but for " + patienceNanos / 1_000_000 + " ms nothing came"));
        }
    }

    /** To be called only before the request is there: until then nobody else uses the call. */
    private void refuse(Status status) {
        refused = true;
        connection.asked(this);
        super.close(status, LimitRefusals.later());
    }
}

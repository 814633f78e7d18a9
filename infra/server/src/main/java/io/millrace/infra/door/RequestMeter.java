package io.millrace.infra.door;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.millrace.ingest.limits.CallRates;
import io.millrace.ingest.limits.Pool;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes that a call holds of its request until the call is over. Ends the call if its organisation holds too
 * much: parts of messages are kept in memory until the rest comes. Small requests are not counted. On the connection's
 * thread.
 */
final class RequestMeter extends ServerStreamTracer {

    /** Makes one for each call. */
    static final ServerStreamTracer.Factory FACTORY = new ServerStreamTracer.Factory() {
        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            return new RequestMeter();
        }
    };

    private static final Context.Key<RequestMeter> KEY = Context.key("millrace-request-meter");
    private static final long UNCHARGED_BYTES = 16 << 10;

    private long received;
    private long unpacked;
    private long charged;
    private boolean over;
    private @Nullable LimitedCall<?, ?> call;
    private Pool.@Nullable Share share;
    private CallRates.@Nullable Asking asking;
    private Consumer<String> tooMuchTold = text -> {};

    /** @return the meter of the current call; if the server has none, one that nobody feeds */
    static RequestMeter current() {
        RequestMeter known = KEY.get();
        return known != null ? known : new RequestMeter();
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(KEY, this);
    }

    /** @param of the share of the call's organisation */
    void of(LimitedCall<?, ?> metered, Pool.Share of) {
        call = metered;
        share = of;
    }

    /**
     * @param rated what the caller asks in a second, to which the request is added; null: it does not count
     * @param told why the request is too much for that, if it is
     * @return this
     */
    RequestMeter rated(CallRates.@Nullable Asking rated, Consumer<String> told) {
        asking = rated;
        tooMuchTold = told;
        return this;
    }

    /**
     * The request is there, and counts from now on among those of its second.
     *
     * @return why it is too much for that; empty: it may be carried out
     */
    Optional<CallRates.TooMuch> carries() {
        Optional<CallRates.TooMuch> tooMuch = asking == null ? Optional.empty() : asking.carries(unpacked);
        tooMuch.ifPresent(why -> tooMuchTold.accept(why.text()));
        return tooMuch;
    }

    /** @return bytes of the request that have come */
    long received() {
        return received;
    }

    @Override
    public void inboundWireSize(long bytes) {
        received += bytes;
        charge(received);
    }

    @Override
    public void inboundUncompressedSize(long bytes) {
        unpacked += bytes;
        charge(unpacked);
    }

    private void charge(long held) {
        long more = held - charged;
        if (more < UNCHARGED_BYTES || over || call == null || share == null) {
            return;
        }
        if (share.take(more)) {
            charged += more;
        } else {
            over = true;
            call.tooMuchAsked();
        }
    }

    @Override
    public void streamClosed(Status status) {
        if (charged > 0) {
            Objects.requireNonNull(share, "share of what was charged").give(charged);
            charged = 0;
        }
        over = true;
    }
}

package io.millrace.ingest.grpc;

import io.grpc.ServerCall;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what happens to a call until it is known who hears of it, which is little: of its request nothing comes before
 * somebody asks for it. On the call's thread alone.
 */
final class LateListener<Q> extends ServerCall.Listener<Q> {

    private final List<Consumer<ServerCall.Listener<Q>>> kept = new ArrayList<>(2);
    private ServerCall.@Nullable Listener<Q> hearer;

    /** From now on this one hears of the call, and first of what happened before. */
    void hear(ServerCall.Listener<Q> listener) {
        hearer = listener;
        kept.forEach(each -> each.accept(listener));
        kept.clear();
    }

    private void tell(Consumer<ServerCall.Listener<Q>> happened) {
        if (hearer == null) {
            kept.add(happened);
        } else {
            happened.accept(hearer);
        }
    }

    @Override
    public void onMessage(Q message) {
        tell(listener -> listener.onMessage(message));
    }

    @Override
    public void onHalfClose() {
        tell(ServerCall.Listener::onHalfClose);
    }

    @Override
    public void onCancel() {
        tell(ServerCall.Listener::onCancel);
    }

    @Override
    public void onComplete() {
        tell(ServerCall.Listener::onComplete);
    }

    @Override
    public void onReady() {
        tell(ServerCall.Listener::onReady);
    }
}

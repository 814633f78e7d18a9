package io.millrace.proto.reads;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.util.function.Consumer;

/** A watch at another node. It asks for steps one by one, so that gRPC holds back what is not asked for. */
final class RemoteWatch implements ExecutionWatch, ClientResponseObserver<WatchRequest, WatchStep> {

    private final Consumer<WatchStep> listener;
    private ClientCallStreamObserver<WatchRequest> call;
    private boolean ended;

    RemoteWatch(Consumer<WatchStep> listener) {
        this.listener = listener;
    }

    /** Called before the call begins, on the thread that makes it. */
    @Override
    public void beforeStart(ClientCallStreamObserver<WatchRequest> started) {
        call = started;
        call.disableAutoRequestWithInitial(0);
    }

    @Override
    public void next() {
        call.request(1);
    }

    @Override
    public void onNext(WatchStep step) {
        ended = step.getEnd() != WatchStep.End.OPEN;
        listener.accept(step);
    }

    @Override
    public void onError(Throwable failure) {
        onCompleted();
    }

    /** gRPC calls these methods one at a time, so {@link #ended} needs no lock. */
    @Override
    public void onCompleted() {
        if (!ended) {
            ended = true;
            listener.accept(MOVED);
        }
    }

    @Override
    public void close() {
        call.cancel("nobody watches any more", null);
    }
}

package io.millrace.dispatcher.reads;

import io.grpc.stub.ServerCallStreamObserver;
import io.millrace.proto.reads.ExecutionWatch;
import io.millrace.proto.reads.LocalReads;
import io.millrace.proto.v1.WatchRequest;
import io.millrace.proto.v1.WatchStep;
import java.util.function.Consumer;

/** A watch for another node. It is asked for a step only when the connection has room for one. */
final class ServedWatch implements Consumer<WatchStep> {

    private final ServerCallStreamObserver<WatchStep> call;
    private final ExecutionWatch watch;

    ServedWatch(LocalReads reads, WatchRequest request, ServerCallStreamObserver<WatchStep> call) {
        this.call = call;
        watch = reads.watch(request, this);
        call.setOnCancelHandler(watch::close);
        call.setOnReadyHandler(watch::next);
    }

    @Override
    public void accept(WatchStep step) {
        call.onNext(step);
        if (step.getEnd() != WatchStep.End.OPEN) {
            call.onCompleted();
        } else if (call.isReady()) {
            watch.next();
        }
    }
}

package io.millrace.ingest.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.millrace.ingest.auth.CredentialWatch;

/**
 * A call that somebody else than its handler may end. To its handler it looks as if the client had given it up, so that
 * work which was meant for it goes back. What the handler still says after that is dropped. Safe from any thread.
 */
final class RevocableCall<Q, A> extends SimpleForwardingServerCall<Q, A> {

    private boolean closed;
    private volatile boolean revoked;

    RevocableCall(ServerCall<Q, A> call) {
        super(call);
    }

    /**
     * Ends the call with UNAUTHENTICATED, unless it has ended.
     *
     * @param why for the client
     */
    synchronized void revoke(String why) {
        if (!closed) {
            closed = true;
            revoked = true;
            super.close(Status.UNAUTHENTICATED.withDescription(why), new Metadata());
        }
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!revoked) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(A message) {
        if (!revoked) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!revoked) {
            closed = true;
            super.close(status, trailers);
        }
    }

    @Override
    public boolean isCancelled() {
        return revoked || super.isCancelled();
    }

    /**
     * @param handler hears of this call
     * @param open closed when the call is over
     * @return what the transport is to tell
     */
    ServerCall.Listener<Q> listener(ServerCall.Listener<Q> handler, CredentialWatch.Open open) {
        return new SimpleForwardingServerCallListener<>(handler) {

            @Override
            public void onCancel() {
                open.close();
                super.onCancel();
            }

            @Override
            public void onComplete() {
                open.close();
                if (revoked) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }
        };
    }
}

package io.millrace.infra.tls;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.internal.ObjectPool;
import io.grpc.netty.shaded.io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.InternalProtocolNegotiator.ServerFactory;
import io.grpc.netty.shaded.io.grpc.netty.NettySslContextChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettySslContextServerCredentials;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * TLS for servers and channels of gRPC. Signing and checking certificates takes a thread up for a millisecond or more,
 * so servers do it on threads of their own, and the threads that serve many calls never do. Safe from any thread.
 */
public final class GrpcTls implements AutoCloseable {

    private final Tls tls;
    private final ExecutorService handshakes = Executors.newFixedThreadPool(
            Math.max(2, Runtime.getRuntime().availableProcessors() / 2),
            Thread.ofPlatform().name("millrace-tls-", 0).daemon(true).factory());

    /** @param tls the certificates; stays the caller's to close */
    public GrpcTls(Tls tls) {
        this.tls = tls;
    }

    /** @return for servers */
    public ServerCredentials server() {
        ServerFactory usual = InternalNettyServerCredentials.toNegotiator(
                NettySslContextServerCredentials.create(new CurrentContext(tls, false)));
        ServerFactory aside = calls -> usual.newNegotiator(new ObjectPool<Executor>() {
            @Override
            public Executor getObject() {
                return handshakes;
            }

            @Override
            public @Nullable Executor returnObject(Object returned) {
                return null;
            }
        });
        return InternalNettyServerCredentials.create(aside);
    }

    /** @return for channels; the name in the server's certificate has to be the one that it is called by */
    public static ChannelCredentials channel(Tls tls) {
        return NettySslContextChannelCredentials.create(new CurrentContext(tls, true));
    }

    /** Ends the threads. To be called once the server has ended. */
    @Override
    public void close() {
        handshakes.shutdownNow();
    }
}

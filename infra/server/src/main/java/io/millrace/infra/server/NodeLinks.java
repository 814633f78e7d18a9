package io.millrace.infra.server;

import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.tls.GrpcTls;
import io.millrace.infra.tls.Tls;
import io.millrace.proto.mac.NodeProof;
import io.millrace.proto.reads.NodeChannels;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * How this node reads from others, and lets others read from it: by TLS if that is configured, and with the proof that
 * both have the keys of the commands. Safe from any thread.
 */
final class NodeLinks implements NodeChannels, AutoCloseable {

    private static final Metadata.Key<String> PROOF =
            Metadata.Key.of("millrace-node-proof", Metadata.ASCII_STRING_MARSHALLER);

    private final NodeProof proof;
    private final Optional<Tls> tls;
    private final Optional<GrpcTls> grpc;

    /** @throws io.millrace.infra.tls.TlsException if files for TLS cannot be used */
    NodeLinks(ServerConfig config) {
        proof = new NodeProof(config.macs().keys());
        tls = config.tls().nodes().map(files -> new Tls("reads between nodes", files));
        grpc = tls.map(GrpcTls::new);
    }

    @Override
    public ManagedChannelBuilder<?> to(String host, int port) {
        NettyChannelBuilder builder = tls.isPresent()
                ? NettyChannelBuilder.forAddress(host, port, GrpcTls.channel(tls.get()))
                : NettyChannelBuilder.forAddress(host, port).usePlaintext();
        String shown = proof.shownTo(host, port);
        if (shown != null) {
            Metadata header = new Metadata();
            header.put(PROOF, shown);
            builder.intercept(MetadataUtils.newAttachHeadersInterceptor(header));
        }
        return builder;
    }

    /** @return what nodes show each other; empty: they speak plain text */
    Optional<Tls> tls() {
        return tls;
    }

    /** @return by which transport others read */
    ServerCredentials server() {
        return grpc.map(GrpcTls::server).orElseGet(InsecureServerCredentials::create);
    }

    /**
     * @param host address that this node announces
     * @param port its port, asked for with each call
     * @return lets in whoever has the keys
     */
    ServerInterceptor nodesOnly(String host, IntSupplier port) {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                if (proof.lets(headers.get(PROOF), host, port.getAsInt())) {
                    return next.startCall(call, headers);
                }
                call.close(
                        Status.UNAUTHENTICATED.withDescription(
                                "expected the proof of a node that has a key of this installation, for " + host + ":"
                                        + port.getAsInt() + ", but there is none"),
                        new Metadata());
                return new ServerCall.Listener<>() {};
            }
        };
    }

    @Override
    public void close() {
        grpc.ifPresent(GrpcTls::close);
        tls.ifPresent(Tls::close);
    }
}

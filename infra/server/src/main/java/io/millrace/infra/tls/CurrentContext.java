package io.millrace.infra.tls;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2SecurityUtil;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/** TLS of the transport of gRPC, which takes the certificates of the moment for each new connection. Any thread. */
final class CurrentContext extends SslContext {

    private static final ApplicationProtocolConfig HTTP_2 = new ApplicationProtocolConfig(
            Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, "h2");

    private final Tls tls;
    private final boolean client;
    private volatile Made made;

    private record Made(SSLContext of, SslContext context) {}

    CurrentContext(Tls tls, boolean client) {
        this.tls = tls;
        this.client = client;
        made = make(tls.get());
    }

    private Made make(SSLContext of) {
        ClientAuth asked = switch (tls.clients()) {
            case NONE -> ClientAuth.NONE;
            case WANTED -> ClientAuth.OPTIONAL;
            case NEEDED -> ClientAuth.REQUIRE;
        };
        return new Made(
                of,
                new JdkSslContext(
                        of,
                        client,
                        Http2SecurityUtil.CIPHERS,
                        SupportedCipherSuiteFilter.INSTANCE,
                        HTTP_2,
                        asked,
                        TlsProtocols.ALLOWED.toArray(String[]::new),
                        false));
    }

    private SslContext current() {
        SSLContext now = tls.get();
        Made known = made;
        if (known.of() != now) {
            known = make(now);
            made = known;
        }
        return known.context();
    }

    @Override
    public boolean isClient() {
        return client;
    }

    @Override
    public List<String> cipherSuites() {
        return current().cipherSuites();
    }

    @Override
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return current().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator memory) {
        return current().newEngine(memory);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator memory, String host, int port) {
        return current().newEngine(memory, host, port);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return current().sessionContext();
    }
}

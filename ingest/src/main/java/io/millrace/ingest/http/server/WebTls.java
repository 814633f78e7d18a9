package io.millrace.ingest.http.server;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * TLS of an HTTP port.
 *
 * @param context for each new connection; asked anew for each, so certificates may change
 * @param protocols versions that are spoken
 * @param wants whether clients are asked for a certificate
 * @param needs whether they need one
 */
public record WebTls(Supplier<SSLContext> context, List<String> protocols, boolean wants, boolean needs) {

    /** Gives each connection the context of the moment; the library would keep the first one. */
    SslContextFactory.Server factory() {
        SslContextFactory.Server factory = new SslContextFactory.Server() {
            @Override
            public SSLEngine newSSLEngine() {
                return engine(context.get().createSSLEngine());
            }

            @Override
            public SSLEngine newSSLEngine(InetSocketAddress client) {
                return engine(context.get().createSSLEngine());
            }

            private SSLEngine engine(SSLEngine engine) {
                engine.setUseClientMode(false);
                customize(engine);
                return engine;
            }
        };
        factory.setSslContext(context.get());
        factory.setIncludeProtocols(protocols.toArray(String[]::new));
        factory.setWantClientAuth(wants);
        factory.setNeedClientAuth(needs);
        return factory;
    }
}

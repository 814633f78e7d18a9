package io.millrace.ingest.auth;

import io.grpc.Attributes;
import io.millrace.ingest.config.CertificateName;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * The certificate that a client has shown on its connection, and that TLS has checked. Immutable.
 *
 * @param names by which the access file may know it
 * @param publicId what the log calls it: the first 48 bits of its SHA-256
 * @param untilMs its end, milliseconds since the epoch
 */
public record ClientCertificate(List<String> names, String publicId, long untilMs) {

    /** Where a connection of gRPC keeps it; absent where none was shown. */
    public static final Attributes.Key<ClientCertificate> KEY = Attributes.Key.create("millrace-client-certificate");

    private static final int ID_DIGITS = 12;

    /** @return what the client of that connection has shown; empty: nothing */
    public static Optional<ClientCertificate> of(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate own
                    ? Optional.of(new ClientCertificate(
                            CertificateName.of(own),
                            "cert-" + CertificateName.digest(own).substring(0, ID_DIGITS),
                            own.getNotAfter().getTime()))
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }
}

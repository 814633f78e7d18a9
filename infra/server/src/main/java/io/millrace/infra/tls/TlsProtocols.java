package io.millrace.infra.tls;

import java.util.List;

/** Versions of TLS that are spoken. */
final class TlsProtocols {

    /** The older ones are broken (RFC 8996). */
    static final List<String> ALLOWED = List.of("TLSv1.3", "TLSv1.2");

    private TlsProtocols() {}
}

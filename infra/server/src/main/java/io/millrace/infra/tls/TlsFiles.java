package io.millrace.infra.tls;

import java.util.Optional;

/**
 * Where the certificates and keys of one use are.
 *
 * @param certificate the chain that is shown, the own certificate first; empty: none is shown
 * @param key the private key of the own certificate; there if and only if the certificate is
 * @param authorities certificates of those whose word on others is believed; empty: nobody is asked for a certificate
 * @param clients what is expected of clients
 */
public record TlsFiles(
        Optional<NamedFile> certificate,
        Optional<NamedFile> key,
        Optional<NamedFile> authorities,
        ClientCertificates clients) {}

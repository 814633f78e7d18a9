package io.millrace.infra.tls;

/** What a port expects of clients beside their keys. */
public enum ClientCertificates {
    /** They are not asked for a certificate. */
    NONE,
    /** They are asked for one. One that is shown must be good. */
    WANTED,
    /** Without a good certificate there is no connection. */
    NEEDED
}

package io.millrace.infra.client.api;

import java.net.URI;

/**
 * A server, and the key to show to it.
 *
 * @param name name of the target in messages
 * @param url address of its HTTP port
 * @param organisation short name or id of the organisation
 * @param token API key of the organisation; empty: no key is shown
 * @param tls how both know each other by TLS, if they speak it
 */
public record Target(String name, URI url, String organisation, String token, TargetTls tls) {

    /** A server that the JDK trusts, or that speaks plain text. */
    public Target(String name, URI url, String organisation, String token) {
        this(name, url, organisation, token, TargetTls.USUAL);
    }

    /** Leaves the key out, which must not be printed. */
    @Override
    public String toString() {
        return url + " (" + name + ")";
    }
}

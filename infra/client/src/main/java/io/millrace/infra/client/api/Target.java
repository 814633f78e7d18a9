package io.millrace.infra.client.api;

import java.net.URI;

/**
 * A server, and who asks it.
 *
 * @param name what messages call it
 * @param url where its HTTP is
 * @param organisation short name or id
 * @param token API key of the organisation; empty: none is shown
 */
public record Target(String name, URI url, String organisation, String token) {

    /** Without the key, which is nobody's business. */
    @Override
    public String toString() {
        return url + " (" + name + ")";
    }
}

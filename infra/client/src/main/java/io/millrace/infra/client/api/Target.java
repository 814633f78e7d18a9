package io.millrace.infra.client.api;

import java.net.URI;

/**
 * A server, and the key to show to it.
 *
 * @param name name of the target in messages
 * @param url address of its HTTP port
 * @param organisation short name or id of the organisation
 * @param token API key of the organisation; empty: no key is shown
 */
public record Target(String name, URI url, String organisation, String token) {

    /** Leaves the key out, which must not be printed. */
    @Override
    public String toString() {
        return url + " (" + name + ")";
    }
}

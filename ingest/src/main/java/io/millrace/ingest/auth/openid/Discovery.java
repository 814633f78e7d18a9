package io.millrace.ingest.auth.openid;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.ingest.config.OpenIdSettings;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/**
 * What an issuer says of itself at {@code .well-known/openid-configuration}. Each address is one whose answers come from
 * who it names.
 *
 * @param place where it says so
 * @param said all that it says
 */
record Discovery(URI place, JsonNode said) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Asks the issuer.
     *
     * @throws RuntimeException if it does not answer, or says that it is another one
     */
    static Discovery of(URI issuer, IssuerHttp http) {
        String base = issuer.toString();
        URI place = URI.create((base.endsWith("/") ? base : base + "/") + ".well-known/openid-configuration");
        try {
            JsonNode said = JSON.readTree(http.get(place));
            if (!base.equals(said.path("issuer").asText())) {
                throw new IllegalStateException("expected the configuration of the issuer " + base + " at " + place
                        + ", but it is that of " + said.path("issuer").asText());
            }
            return new Discovery(place, said);
        } catch (IOException e) {
            throw new IllegalStateException("expected JSON at " + place + ", but it is none", e);
        }
    }

    /**
     * @param field such as {@code jwks_uri}
     * @throws IllegalStateException if there is no such address, or it is not safe
     */
    URI address(String field) {
        return optional(field)
                .orElseThrow(() -> new IllegalStateException(
                        "expected an address as " + field + " at " + place + ", but there is none"));
    }

    /** @return the address, if the issuer has one of that kind */
    Optional<URI> optional(String field) {
        String text = said.path(field).asText();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI address = URI.create(text);
            if (!OpenIdSettings.isSafe(address)) {
                throw new IllegalStateException("expected an address that begins with https:// as " + field + " at "
                        + place + ", but it is '" + address + "'");
            }
            return Optional.of(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("expected an address as " + field + " at " + place + ", but it is none", e);
        }
    }
}

package io.millrace.ingest.http;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests that the page of another site has a browser send. A browser shows the certificate of its user whoever asks for
 * the request, so that alone does not say that the user wants it. It adds headers by which such requests are known; who is
 * no browser sends none. Stateless.
 */
final class CrossSite {

    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final Set<String> OWN = Set.of("same-origin", "none");
    private static final int HTTPS = 443;

    private CrossSite() {}

    /**
     * @param method of the request; what only reads is let through, since the other site gets no answer to see
     * @param site header {@code Sec-Fetch-Site}, or null
     * @param origin header {@code Origin}, or null
     * @param host header {@code Host}, or null
     * @return why the request may be one of another site; empty: it is not
     */
    static Optional<String> fault(
            String method, @Nullable String site, @Nullable String origin, @Nullable String host) {
        if (READING.contains(method)) {
            return Optional.empty();
        }
        if (site != null && !OWN.contains(site.strip())) {
            return Optional.of("expected a request of this server's own pages, or of no page, since a certificate alone"
                    + " says who asks, but the header Sec-Fetch-Site names another site; show a key");
        }
        if (origin != null && !isSame(origin, host)) {
            return Optional.of("expected the host and port of the header Host as Origin, since a certificate alone"
                    + " says who asks, but they are of another site; show a key");
        }
        return Optional.empty();
    }

    private static boolean isSame(String origin, @Nullable String host) {
        Optional<String> own = place("https://" + host);
        return host != null && own.isPresent() && own.equals(place(origin));
    }

    /** @return host and port; empty: it is no address, as with the origin {@code null} */
    private static Optional<String> place(String address) {
        try {
            URI uri = URI.create(address.strip());
            if (uri.getHost() == null || !"https".equalsIgnoreCase(uri.getScheme())) {
                return Optional.empty();
            }
            int port = uri.getPort() < 0 ? HTTPS : uri.getPort();
            return Optional.of(uri.getHost().toLowerCase(Locale.ROOT) + ":" + port);
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }
}

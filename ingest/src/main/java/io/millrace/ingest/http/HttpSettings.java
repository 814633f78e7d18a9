package io.millrace.ingest.http;

/**
 * Where and how the HTTP API listens.
 *
 * @param host address to bind
 * @param port port to bind; 0: any free one
 * @param maxBodyBytes largest request body
 */
public record HttpSettings(String host, int port, int maxBodyBytes) {

    /** @return all addresses, port 8000, bodies of up to 4 MiB */
    public static HttpSettings defaults() {
        return new HttpSettings("0.0.0.0", 8000, 4 << 20);
    }
}

package io.millrace.ingest.http.server;

import java.time.Duration;

/**
 * What a connection may take.
 *
 * @param requestTime from the first byte of a request until its body is read; a connection without a request stays as long
 * @param headBytes request line and headers together
 * @param headers number of headers
 * @param connections open at a time, of one address as many as it leaves free; further ones are closed at once
 */
public record WebLimits(Duration requestTime, int headBytes, int headers, int connections) {

    /** @return 30 s, 16 KiB, 200 headers */
    public static WebLimits usual(int connections) {
        return new WebLimits(Duration.ofSeconds(30), 16 << 10, 200, connections);
    }
}

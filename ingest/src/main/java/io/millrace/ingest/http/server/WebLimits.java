package io.millrace.ingest.http.server;

import java.time.Duration;

/**
 * What a connection may take.
 *
 * @param requestTime from the first byte of a request until its body is read; a connection without a request stays as long
 * @param headBytes request line and headers together
 * @param headers number of headers
 * @param connections open at a time; further ones are closed at once. One address may have as many as are still free. A
 *     quarter of all may have shown no known key; beyond that the oldest of these is closed for a new one
 * @param patience how long a client may take nothing of what is sent to it. Also how long it may take for each MiB of
 *     an answer that is held in memory
 * @param drainedBytes read of a body that nobody wants, so that the connection can be kept, or its client take the answer
 */
public record WebLimits(
        Duration requestTime, int headBytes, int headers, int connections, Duration patience, int drainedBytes) {

    /** @return 30 s, 16 KiB, 200 headers, 30 s, 1 MiB */
    public static WebLimits usual(int connections) {
        return new WebLimits(Duration.ofSeconds(30), 16 << 10, 200, connections, Duration.ofSeconds(30), 1 << 20);
    }

    /** @return the same where bodies of so many bytes are usual: as much is read of one that nobody wants */
    public WebLimits withBodies(int bytes) {
        return new WebLimits(requestTime, headBytes, headers, connections, patience, Math.max(bytes, drainedBytes));
    }

    /** @return when the library may close a connection on which nothing comes: after we have told why, milliseconds */
    long quietMillis() {
        return 2 * Math.max(requestTime.toMillis(), patience.toMillis());
    }

    /** @return the same with another patience */
    public WebLimits withPatience(Duration other) {
        return new WebLimits(requestTime, headBytes, headers, connections, other, drainedBytes);
    }
}

package io.millrace.ingest.http.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EndPoint;

/** The body of a request, which has to be there in time. For one thread. */
final class TimedBody extends InputStream {

    private static final int DRAIN_BYTES = 8 << 10;

    private final InputStream in;
    private final EndPoint endPoint;
    private long endNanos;
    private boolean broken;
    private boolean ended;

    /** @param endNanos when it has to be there, as {@link System#nanoTime} has it */
    TimedBody(InputStream in, EndPoint endPoint, long endNanos) {
        this.in = in;
        this.endPoint = endPoint;
        this.endNanos = endNanos;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * @throws MalformedRequest if it is not well-formed, or breaks off
     * @throws SocketTimeoutException if it does not come in time
     */
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime());
            if (leftMs <= 0) {
                throw new TimeoutException();
            }
            endPoint.setIdleTimeout(leftMs);
            int read = in.read(bytes, offset, length);
            ended = read < 0;
            return read;
        } catch (TimeoutException | IOException | RuntimeException e) {
            broken = true;
            throw failure(e);
        }
    }

    private static IOException failure(Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof TimeoutException) {
                return new SocketTimeoutException("expected the request in time, but it is late");
            }
            if (cause instanceof HttpException malformed) {
                return MalformedRequest.of(malformed.getCode(), malformed.getReason());
            }
        }
        return MalformedRequest.bad("expected a whole body, but it broke off");
    }

    /** @return whether it could not be read to its end */
    boolean broken() {
        return broken;
    }

    /**
     * Reads what is left.
     *
     * @param lastNanos how long it may take
     * @return whether it came to its end within so many bytes
     */
    boolean drain(long most, long lastNanos) throws IOException {
        endNanos = System.nanoTime() + lastNanos;
        byte[] waste = new byte[DRAIN_BYTES];
        for (long left = most; left > 0 && !ended; ) {
            left -= Math.max(0, read(waste, 0, waste.length));
        }
        return ended;
    }
}

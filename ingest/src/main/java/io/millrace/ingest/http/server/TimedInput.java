package io.millrace.ingest.http.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** What a client sends, for as long as it may take. One thread. */
final class TimedInput extends InputStream {

    private final Socket socket;
    private final InputStream in;
    private long endNanos;

    TimedInput(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
    }

    /** From now on it may take so long. */
    void time(Duration longest) {
        endNanos = System.nanoTime() + longest.toNanos();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** @throws SocketTimeoutException if nothing came in time */
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        long leftMs = (endNanos - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0) {
            throw new SocketTimeoutException("expected the request in time, but it is late");
        }
        socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, leftMs));
        return in.read(bytes, offset, length);
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }
}

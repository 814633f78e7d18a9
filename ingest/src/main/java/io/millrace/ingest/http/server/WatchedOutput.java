package io.millrace.ingest.http.server;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * All that is sent through a connection, written piece by piece, so that others see whether the client takes it. For the
 * connection's thread, but for {@link #endIfStuck}.
 */
final class WatchedOutput extends FilterOutputStream {

    private static final int PIECE_BYTES = 16 << 10;

    private final Runnable end;
    private volatile boolean writing;
    private volatile long progressNanos = System.nanoTime();

    /** @param end closes the connection, from any thread */
    WatchedOutput(OutputStream out, Runnable end) {
        super(out);
        this.end = end;
    }

    @Override
    public void write(int value) throws IOException {
        watched(() -> out.write(value));
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int from = 0; from < length; from += PIECE_BYTES) {
            int start = offset + from;
            int size = Math.min(PIECE_BYTES, length - from);
            watched(() -> out.write(bytes, start, size));
        }
    }

    @Override
    public void flush() throws IOException {
        watched(out::flush);
    }

    private void watched(Write write) throws IOException {
        progressNanos = System.nanoTime();
        writing = true;
        try {
            write.run();
        } finally {
            writing = false;
        }
    }

    private interface Write {
        void run() throws IOException;
    }

    /** Closes the connection if a write has made no progress for so long. */
    void endIfStuck(long nanos) {
        if (writing && System.nanoTime() - progressNanos > nanos) {
            end.run();
        }
    }
}

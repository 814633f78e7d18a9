package io.millrace.ingest.http;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The body of an answer, written piece by piece, so that others see whether the client takes it. For the thread that made
 * it, but for {@link #endIfStuck}.
 */
final class WatchedOutput extends FilterOutputStream {

    private static final int PIECE_BYTES = 16 << 10;

    private final Thread thread = Thread.currentThread();
    private volatile boolean writing;
    private volatile long progressNanos = System.nanoTime();

    WatchedOutput(OutputStream out) {
        super(out);
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

    /** Ends the answer, for which the client may have to take what was written before. */
    @Override
    public void close() throws IOException {
        watched(out::close);
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

    /** Interrupts a write that has made no progress for so long, which closes the connection. */
    void endIfStuck(long nanos) {
        if (writing && System.nanoTime() - progressNanos > nanos) {
            thread.interrupt();
        }
    }
}

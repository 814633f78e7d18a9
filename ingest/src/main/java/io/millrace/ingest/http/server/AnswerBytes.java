package io.millrace.ingest.http.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;

/**
 * The body of an answer, written piece by piece: so the library needs memory for one piece only, and sees whether the client
 * takes it. For one thread.
 */
final class AnswerBytes extends OutputStream {

    private static final int PIECE_BYTES = 16 << 10;

    private final Response response;
    private final long endNanos;
    private final boolean timed;
    private boolean closed;

    private AnswerBytes(Response response, boolean timed, long endNanos) {
        this.response = response;
        this.timed = timed;
        this.endNanos = endNanos;
    }

    /** @return the body of an answer that comes as things happen */
    static AnswerBytes open(Response response) {
        return new AnswerBytes(response, false, 0);
    }

    /** @return the body of an answer that is held in memory, and has to be taken by then, as {@link System#nanoTime} has it */
    static AnswerBytes until(Response response, long endNanos) {
        return new AnswerBytes(response, true, endNanos);
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    /** @throws IOException if the client has gone, or takes too little */
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int from = 0; from < length; from += PIECE_BYTES) {
            if (timed && System.nanoTime() - endNanos > 0) {
                throw new IOException("expected the client to take the answer, but it is too slow");
            }
            Content.Sink.write(
                    response, false, ByteBuffer.wrap(bytes, offset + from, Math.min(PIECE_BYTES, length - from)));
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            Content.Sink.write(response, true, null);
        }
    }

    boolean closed() {
        return closed;
    }
}

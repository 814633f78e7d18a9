package io.millrace.ingest.http.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The body of an answer: as it is, or in chunks, one for each write. One thread. */
final class ResponseBody extends OutputStream {

    private static final byte[] LINE = {'\r', '\n'};

    private final OutputStream out;
    private final boolean chunked;
    private boolean closed;

    ResponseBody(OutputStream out, boolean chunked) {
        this.out = out;
        this.chunked = chunked;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("expected nothing behind the end of the answer, but there is more");
        }
        if (length == 0) {
            return; // an empty chunk would be the last
        }
        if (chunked) {
            out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }
        out.write(bytes, offset, length);
        if (chunked) {
            out.write(LINE);
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            if (chunked) {
                out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            out.flush();
        }
    }

    boolean closed() {
        return closed;
    }
}

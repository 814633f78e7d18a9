package io.millrace.ingest.http.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The body of a request: so many bytes, or chunks. It gives leave to send it when it is first read, if that is waited for. */
final class Body extends InputStream {

    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int CHUNK_LINE_BYTES = 1 << 10;

    private final LineInput in;
    private final OutputStream out;
    private final boolean chunked;
    /** Bytes left of the body, or of the chunk. */
    private long left;
    private boolean waited;
    private boolean begun;
    private boolean ended;

    private Body(LineInput in, OutputStream out, boolean chunked, long length, boolean waited) {
        this.in = in;
        this.out = out;
        this.chunked = chunked;
        this.left = length;
        this.waited = waited;
        this.ended = !chunked && length == 0;
    }

    static Body of(RequestHead head, LineInput in, OutputStream out) throws IOException {
        boolean chunked = head.chunked();
        return new Body(in, out, chunked, chunked ? 0 : head.length().orElse(0), head.expectsContinue());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (ended) {
            return -1;
        }
        if (length == 0) {
            return 0;
        }
        if (waited) {
            waited = false;
            out.write(CONTINUE);
            out.flush();
        }
        if (chunked && left == 0 && !nextChunk()) {
            return -1;
        }
        int read = in.read(bytes, offset, (int) Math.min(length, left));
        if (read < 0) {
            throw MalformedRequest.bad("expected a whole body, but it broke off");
        }
        left -= read;
        ended = !chunked && left == 0;
        return read;
    }

    /** @return false behind the last */
    private boolean nextChunk() throws IOException {
        in.lines(CHUNK_LINE_BYTES);
        if (begun && !"".equals(in.line())) {
            throw MalformedRequest.bad("expected a chunk to end where its size says, but it goes on");
        }
        begun = true;
        String line = in.line();
        String size = line == null ? "" : line.split(";", 2)[0].strip();
        if (!size.matches("[0-9A-Fa-f]{1,15}")) {
            throw MalformedRequest.bad("expected the size of a chunk in hexadecimal digits, but got another");
        }
        left = Long.parseLong(size, 16);
        if (left > 0) {
            return true;
        }
        for (String trailer = in.line(); trailer == null || !trailer.isEmpty(); trailer = in.line()) {
            if (trailer == null) {
                throw MalformedRequest.bad("expected an empty line behind the last chunk, but the request ends");
            }
        }
        ended = true;
        return false;
    }

    /**
     * Reads what is left, so that the next request can be read.
     *
     * @return whether it came to the end within so many bytes; a body that was waited for and never asked for did not
     */
    boolean drain(int most) throws IOException {
        if (waited) {
            return ended;
        }
        byte[] waste = new byte[8 << 10];
        for (int got = 0; got <= most; ) {
            int read = read(waste, 0, waste.length);
            if (read < 0) {
                return true;
            }
            got += read;
        }
        return false;
    }
}

package io.millrace.ingest.http.server;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** Bytes of a connection, of which lines can be taken: Latin-1, without their ends, so many bytes of them together. */
final class LineInput extends FilterInputStream {

    private int left;

    LineInput(InputStream in) {
        super(new PushbackInputStream(in, 1));
    }

    /** From now on lines may have so many bytes together. */
    void lines(int bytes) {
        left = bytes;
    }

    /** Waits for a byte. @return whether there is one, and not the end */
    boolean begins() throws IOException {
        int first = in.read();
        if (first >= 0) {
            ((PushbackInputStream) in).unread(first);
        }
        return first >= 0;
    }

    /** @return the next line, null at the end */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (--left < 0) {
                throw new MalformedRequest(
                        431, "HEADERS_TOO_LARGE", "expected a shorter request line and headers, but they are too long");
            }
            if (c == '\n') {
                // What one server takes for the end of a line and another does not lets a request hide in a request.
                throw MalformedRequest.bad("expected a line to end with CR and LF, but LF stands alone");
            }
            if (c == '\r') {
                if (in.read() != '\n') {
                    throw MalformedRequest.bad("expected a line to end with CR and LF, but CR is followed by another");
                }
                left--;
                return line.toString();
            }
            if (c < ' ' && c != '\t' || c == 0x7f) {
                throw MalformedRequest.bad("expected no control characters in the request's head, but there is one");
            }
            line.append((char) c);
        }
        return null;
    }
}

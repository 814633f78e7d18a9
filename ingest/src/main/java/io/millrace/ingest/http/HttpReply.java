package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An answer.
 *
 * @param status HTTP status
 * @param contentType media type of the body
 * @param body the body, where it is known as a whole
 * @param stream writes the body, where it is not; else null
 * @param headers further headers
 * @param later the answer in the end, where it has to be waited for; else null
 */
record HttpReply(
        int status,
        String contentType,
        ByteString body,
        @Nullable Stream stream,
        Map<String, String> headers,
        @Nullable Later later) {

    HttpReply(int status, String contentType, ByteString body, @Nullable Stream stream, Map<String, String> headers) {
        this(status, contentType, body, stream, headers, null);
    }

    /** Writes a body while it comes into being. Whoever answers closes it, whether or not it could be written. */
    interface Stream extends AutoCloseable {
        void write(OutputStream out) throws IOException;

        /** @return whether it goes on for as long as its reader stays, and has a place of its own among those that do */
        default boolean stands() {
            return true;
        }

        /**
         * Ends one that stands, from any thread. Again: nothing.
         *
         * @param why for the reader
         */
        default void end(String why) {
            throw new UnsupportedOperationException("expected a stream that stands, but this one ends by itself");
        }

        @Override
        void close();
    }

    /** An answer that is waited for. Whoever answers waits first, and then asks for it, on the same thread. */
    interface Later {
        void await();

        /** Ends the wait, from any thread. Again: nothing. */
        void end();

        /** @return the answer, which is read only now */
        HttpReply answer();

        /** @return the same with the body of the answer changed */
        default Later through(UnaryOperator<ByteString> change) {
            Later before = this;
            return new Later() {
                @Override
                public void await() {
                    before.await();
                }

                @Override
                public void end() {
                    before.end();
                }

                @Override
                public HttpReply answer() {
                    return before.answer().through(change);
                }
            };
        }
    }

    static HttpReply json(int status, ByteString body) {
        return new HttpReply(status, "application/json", body, null, Map.of());
    }

    /** Proxies that would gather what comes are asked not to. */
    static HttpReply stream(String contentType, Stream stream) {
        return new HttpReply(200, contentType, ByteString.EMPTY, stream, Map.of("X-Accel-Buffering", "no"));
    }

    /** An answer that may be long in coming. Its request keeps no place among the calls of its organisation meanwhile. */
    static HttpReply later(Later later) {
        return new HttpReply(200, "application/json", ByteString.EMPTY, null, Map.of(), later);
    }

    /** An answer that is written as it is made, and ends by itself. */
    static HttpReply file(String contentType, Stream stream) {
        return new HttpReply(200, contentType, ByteString.EMPTY, stream, Map.of());
    }

    static HttpReply empty(int status) {
        return json(status, ByteString.EMPTY);
    }

    /** @return the same with its body changed, also that of the answer in the end */
    HttpReply through(UnaryOperator<ByteString> change) {
        return later == null
                ? new HttpReply(status, contentType, change.apply(body), stream, headers)
                : later(later.through(change));
    }

    /** @return the same with another stream in the place of its own */
    HttpReply streaming(Stream other) {
        return new HttpReply(status, contentType, body, other, headers, later);
    }

    HttpReply with(Map<String, String> others) {
        return new HttpReply(status, contentType, body, stream, others, later);
    }
}

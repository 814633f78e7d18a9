package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.ingest.http.server.MalformedRequest;
import io.millrace.ingest.http.server.WebExchange;
import io.millrace.ingest.validation.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.function.LongConsumer;

/** Reads the body of a request into one array, which grows with what comes and not with what is announced. Stateless. */
final class RequestBody {

    private static final int FIRST_BYTES = 16 << 10;
    /** A length of more digits is no int. */
    private static final int MOST_DIGITS = 9;

    private RequestBody() {}

    /**
     * Reads the whole body. Where that fails, the connection ends with the answer, since the rest of the body may still come.
     *
     * @param most bytes that it may have
     * @param holds hears how many bytes are to be held before they are; what it throws ends the reading
     * @throws RefusedException if it is larger
     * @throws HttpException if it breaks off, takes too long, or is none
     */
    static ByteString of(WebExchange exchange, int most, LongConsumer holds) {
        String length = exchange.header("Content-Length");
        if (length != null && length.length() > MOST_DIGITS) {
            exchange.endConnection();
            throw tooLarge(most, "one of " + length);
        }
        ByteString body;
        try {
            body = read(exchange.body(), most, holds);
        } catch (HttpException tooMany) {
            exchange.endConnection();
            throw tooMany;
        } catch (MalformedRequest malformed) {
            exchange.endConnection();
            throw new HttpException(malformed.status(), malformed.code(), malformed.getMessage());
        } catch (SocketTimeoutException late) {
            exchange.endConnection();
            throw new HttpException(408, "REQUEST_TIMEOUT", "expected the whole body in time, but it broke off");
        } catch (IOException e) {
            exchange.endConnection();
            throw new HttpException(400, "INVALID_ARGUMENT", "expected a whole body, but it broke off");
        }
        if (body.size() > most) {
            exchange.endConnection();
            throw tooLarge(most, "more");
        }
        return body;
    }

    private static RefusedException tooLarge(int most, String got) {
        return RefusedException.tooMuch("expected a body of at most " + most + " bytes, but got " + got);
    }

    /** @return the body, or its beginning of one byte more than wanted, so that a larger one is seen */
    private static ByteString read(InputStream in, int most, LongConsumer holds) throws IOException {
        byte[] bytes = new byte[Math.min(FIRST_BYTES, most + 1)];
        int count = in.readNBytes(bytes, 0, bytes.length);
        while (count == bytes.length && count <= most) {
            int more = (int) Math.min(2L * count, most + 1L);
            holds.accept(more);
            bytes = Arrays.copyOf(bytes, more);
            count += in.readNBytes(bytes, count, more - count);
        }
        return UnsafeByteOperations.unsafeWrap(bytes, 0, count);
    }

    /**
     * Checks that a body says that it is JSON, as it is.
     *
     * @throws HttpException 415 if it does not; where there is no body nothing has to be said
     */
    static void checkType(WebExchange exchange, ByteString body) {
        if (body.isEmpty()) {
            return;
        }
        String type = exchange.header("Content-Type");
        String media = type == null ? "" : type.split(";", 2)[0].strip();
        if (!media.equalsIgnoreCase("application/json")) {
            throw unsupported("expected a body of type application/json, but got "
                    + (media.isEmpty() ? "none" : "'" + media + "'"));
        }
        String encoding = exchange.header("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw unsupported("expected a body as it is, without a Content-Encoding, but there is one");
        }
    }

    private static HttpException unsupported(String text) {
        return new HttpException(415, "UNSUPPORTED_MEDIA_TYPE", text);
    }
}

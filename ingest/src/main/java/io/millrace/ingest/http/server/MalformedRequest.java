package io.millrace.ingest.http.server;

import java.io.IOException;
import java.util.Objects;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;

/** A request that is not well-formed HTTP, or does not come to its end. The connection ends with the answer. */
public final class MalformedRequest extends IOException implements HttpException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    MalformedRequest(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    static MalformedRequest bad(String message) {
        return new MalformedRequest(400, "INVALID_ARGUMENT", message);
    }

    /**
     * @param status as the library has it
     * @param reason what is wrong, in the library's words; null where it has none
     * @return what the client is told
     */
    static MalformedRequest of(int status, @Nullable String reason) {
        if (reason != null && reason.startsWith("HTTP/0.9")) {
            return bad("expected a method, a path and a version in the first line, but it is another");
        }
        return switch (status) {
            case 408 -> late();
            // The library has a status of its own for a first line that is too long.
            case 414, 431 ->
                new MalformedRequest(
                        431, "HEADERS_TOO_LARGE", "expected a shorter request line and headers, but they are too long");
            case 417 ->
                new MalformedRequest(417, "EXPECTATION_FAILED", "expected 100-continue as Expect, but got another");
            case 426, 505 ->
                new MalformedRequest(
                        505, "HTTP_VERSION_NOT_SUPPORTED", "expected HTTP/1.1 or HTTP/1.0, but got another version");
            case 501 ->
                new MalformedRequest(501, "UNIMPLEMENTED", "expected chunked as Transfer-Encoding, but got another");
            default -> bad("expected a well-formed request of HTTP/1.1, but it is not: " + plain(reason));
        };
    }

    static MalformedRequest late() {
        return new MalformedRequest(408, "REQUEST_TIMEOUT", "expected the whole request in time, but it is not there");
    }

    /** It may quote what came: of that only what can stand in a text of JSON, and not much. */
    private static String plain(@Nullable String reason) {
        String text = reason == null ? "it cannot be read" : reason.replaceAll("[^A-Za-z0-9 ,.:;=/_-]", "?");
        return text.substring(0, Math.min(80, text.length()));
    }

    /** @return what is wrong, never null */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "text");
    }

    /** @return HTTP status of the answer */
    public int status() {
        return status;
    }

    /** @return code of the error in the answer */
    public String code() {
        return code;
    }

    @Override
    public int getCode() {
        return status;
    }

    @Override
    public @Nullable String getReason() {
        return getMessage();
    }
}

package io.millrace.ingest.http;

import io.millrace.ingest.search.SearchFault;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request that is not well-formed HTTP for this API: wrong path, method, media type, key. */
final class HttpException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient Map<String, String> headers;
    private final transient @Nullable SearchFault fault;

    HttpException(int status, String code, String message) {
        this(status, code, message, Map.of());
    }

    HttpException(int status, String code, String message, Map<String, String> headers) {
        this(status, code, message, headers, null);
    }

    /** A query that cannot be read; the answer says where. */
    HttpException(SearchFault fault) {
        this(400, "INVALID_ARGUMENT", fault.placed(), Map.of(), fault);
    }

    private HttpException(
            int status, String code, String message, Map<String, String> headers, @Nullable SearchFault fault) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.headers = headers;
        this.fault = fault;
    }

    /** Nobody is known who asks so. */
    static HttpException unauthenticated(String message) {
        return new HttpException(401, "UNAUTHENTICATED", message, Map.of("WWW-Authenticate", "Bearer"));
    }

    /** Too much at once; the same may be asked again after the pause, of which whole seconds are told. */
    static HttpException tooMany(String message, Duration pause) {
        long seconds = Math.max(1, pause.plusNanos(999_999_999).getSeconds());
        return new HttpException(429, "RESOURCE_EXHAUSTED", message, Map.of("Retry-After", Long.toString(seconds)));
    }

    /** @return what is wrong, never null */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "text");
    }

    /** @return the refusal that is noted for it */
    RefusedException refusal() {
        RefusalReason reason = switch (status) {
            case 404 -> RefusalReason.NOT_FOUND;
            case 405, 415, 501 -> RefusalReason.UNIMPLEMENTED;
            case 408 -> RefusalReason.ABORTED;
            case 413, 429, 431 -> RefusalReason.RESOURCE_EXHAUSTED;
            default -> RefusalReason.INVALID_ARGUMENT;
        };
        return new RefusedException(reason, getMessage());
    }

    HttpReply reply() {
        SearchFault place = fault;
        HttpReply reply = place == null
                ? HttpErrors.reply(status, code, getMessage())
                : HttpReply.json(
                        status,
                        Json.object(json -> json.object(
                                "error",
                                error -> error.text("code", code)
                                        .text("message", getMessage())
                                        .number("position", place.position())
                                        .number("length", place.length()))));
        return reply.with(headers);
    }
}

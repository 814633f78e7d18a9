package io.millrace.ingest.http;

import java.util.Map;

/** A request that is not well-formed HTTP for this API: wrong path, method, media type, key. */
final class HttpException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient Map<String, String> headers;

    HttpException(int status, String code, String message) {
        this(status, code, message, Map.of());
    }

    HttpException(int status, String code, String message, Map<String, String> headers) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.headers = headers;
    }

    HttpReply reply() {
        return HttpErrors.reply(status, code, getMessage()).with(headers);
    }
}

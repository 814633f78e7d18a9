package io.millrace.ingest.http.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request whose body is broken. After that the library takes an answer only as the page of an error: so it is
 * carried there. One thread.
 */
final class AnswerAside extends IOException implements HttpException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient Map<String, String> headers;
    private final transient ByteArrayOutputStream body = new ByteArrayOutputStream();

    AnswerAside(int status, Map<String, String> headers) {
        super("expected a whole request, but it is broken");
        this.status = status;
        this.headers = Map.copyOf(headers);
    }

    Map<String, String> headers() {
        return headers;
    }

    ByteArrayOutputStream body() {
        return body;
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

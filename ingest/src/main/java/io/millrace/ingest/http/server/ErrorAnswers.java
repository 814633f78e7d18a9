package io.millrace.ingest.http.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** What the library refuses by itself gets an error in JSON like all else, and the connection ends. Stateless. */
final class ErrorAnswers implements Request.Handler {

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.CONNECTION, "close");
        Object failure = request.getAttribute(ErrorHandler.ERROR_EXCEPTION);
        if (failure instanceof AnswerAside answer) {
            answer.headers().forEach(headers::put);
            response.setStatus(answer.getCode());
            response.write(true, ByteBuffer.wrap(answer.body().toByteArray()), callback);
            return true;
        }
        headers.put(HttpHeader.CONTENT_TYPE, "application/json");
        headers.put(HttpHeader.CACHE_CONTROL, "no-store");
        int status = response.getStatus();
        if (status >= 500 && !(failure instanceof HttpException)) {
            write(response, 500, "INTERNAL", "expected to answer, but a fault of the server prevented it", callback);
        } else {
            MalformedRequest told = failure instanceof MalformedRequest own
                    ? own
                    : MalformedRequest.of(status, failure instanceof HttpException other ? other.getReason() : null);
            write(response, told.status(), told.code(), told.getMessage(), callback);
        }
        return true;
    }

    private static void write(Response response, int status, String code, String message, Callback callback) {
        response.setStatus(status);
        response.write(true, ByteBuffer.wrap(body(code, message)), callback);
    }

    /** @return an error as it stands in the body of an answer; neither text holds anything that JSON would escape */
    static byte[] body(String code, String message) {
        return ("{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}}")
                .getBytes(StandardCharsets.US_ASCII);
    }
}

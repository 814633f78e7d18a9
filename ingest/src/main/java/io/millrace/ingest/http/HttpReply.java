package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import java.util.Map;

/**
 * An answer.
 *
 * @param status HTTP status
 * @param contentType media type of the body
 * @param body the body
 * @param headers further headers
 */
record HttpReply(int status, String contentType, ByteString body, Map<String, String> headers) {

    static HttpReply json(int status, ByteString body) {
        return new HttpReply(status, "application/json", body, Map.of());
    }

    HttpReply with(String header, String value) {
        return new HttpReply(status, contentType, body, Map.of(header, value));
    }
}

package io.millrace.ingest.http;

import com.google.protobuf.ByteString;
import io.millrace.ingest.operations.Request;
import io.millrace.ingest.validation.JsonFields;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A request that has found its route.
 *
 * @param request who asks; null on routes that are open to all
 * @param path values of the path's places
 * @param query parameters behind the question mark
 * @param body the body, which may be empty
 * @param lastEventId last event that the caller has of a stream, or null
 */
record HttpCall(
        Request request,
        Map<String, String> path,
        Map<String, String> query,
        ByteString body,
        String lastEventId) {

    /** @return the body's fields, of which only these may be present; an empty body has none */
    JsonFields fields(String... known) {
        return (body.isEmpty() ? JsonFields.parse(ByteString.copyFromUtf8("{}")) : JsonFields.parse(body))
                .only(Set.of(known));
    }

    /** @return the query parameter, empty where it is absent or has no value */
    Optional<String> parameter(String name) {
        return Optional.ofNullable(query.get(name)).filter(value -> !value.isEmpty());
    }

    /** @return the organisation of the caller, as requests name it */
    String orgId() {
        return request.caller().orgId().toString();
    }
}

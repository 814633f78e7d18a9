package io.millrace.infra.client.api;

import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonObject;

/**
 * The answer of a server that did what it was asked for.
 *
 * @param status HTTP status, below 300
 * @param body JSON, as it came
 */
public record HttpAnswer(int status, byte[] body) {

    /** @return the body */
    public JsonObject json() {
        return JsonObject.of(JsonCodec.parse(body));
    }
}

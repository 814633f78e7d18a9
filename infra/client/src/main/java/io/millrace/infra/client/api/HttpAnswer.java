package io.millrace.infra.client.api;

import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.json.JsonText;

/**
 * What a server answered, when it did what it was asked for.
 *
 * @param status of HTTP, below 300
 * @param body JSON, as it came
 */
public record HttpAnswer(int status, byte[] body) {

    /** @return the body */
    public JsonObject json() {
        return JsonObject.of(JsonText.parse(body));
    }
}

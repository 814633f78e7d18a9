package io.millrace.infra.client.json;

/** A text that is not JSON. Its message says where, and what is expected there. */
public final class JsonException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    JsonException(String message) {
        super(message);
    }
}

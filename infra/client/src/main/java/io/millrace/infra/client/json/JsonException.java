package io.millrace.infra.client.json;

/** A text is not JSON. The message says where, and what was expected there. */
public final class JsonException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    JsonException(String message) {
        super(message);
    }
}

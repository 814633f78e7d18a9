package io.millrace.proto.kafka;

import org.jspecify.annotations.Nullable;

/** A record was never handed to Kafka, so it certainly does not stand in the topic and never will. */
public final class UnsentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what was expected and what happened
     * @param cause the last error of Kafka's client, or null
     */
    public UnsentException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

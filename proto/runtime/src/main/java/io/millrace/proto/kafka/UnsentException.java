package io.millrace.proto.kafka;

/** A record was never handed to Kafka, so it is certain that it does not stand in the topic and never will. */
public final class UnsentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what was expected and what happened
     * @param cause what Kafka's client said last, or null
     */
    public UnsentException(String message, Throwable cause) {
        super(message, cause);
    }
}

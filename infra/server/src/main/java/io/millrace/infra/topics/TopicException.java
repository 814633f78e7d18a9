package io.millrace.infra.topics;

/** The topics at Kafka are not what they must be, or could not be made or seen. The text says each difference. */
public final class TopicException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TopicException(String message) {
        super(message);
    }

    TopicException(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.millrace.ingest.queries;

import io.millrace.proto.UnavailableException;
import org.jspecify.annotations.Nullable;

/** The read model's database does not answer. Trying again soon is right. */
public final class QueriesUnavailableException extends UnavailableException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what was expected and what happened
     * @param cause what the database said, or null
     */
    public QueriesUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

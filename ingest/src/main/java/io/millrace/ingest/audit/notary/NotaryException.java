package io.millrace.ingest.audit.notary;

import org.jspecify.annotations.Nullable;

/** The notary cannot go on for now, because of Kafka or PostgreSQL; what was under way is done again. */
public sealed class NotaryException extends RuntimeException permits MissingTileException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message "expected …, but …"
     * @param cause what failed; may be null
     */
    public NotaryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

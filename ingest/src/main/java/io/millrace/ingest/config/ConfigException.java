package io.millrace.ingest.config;

import org.jspecify.annotations.Nullable;

/** The configuration file cannot be used. The text names the key in question and what was expected; it holds no secrets. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message "expected …, but …" */
    public ConfigException(String message) {
        super(message);
    }

    /**
     * @param message "expected …, but …"
     * @param cause what went wrong in reading
     */
    public ConfigException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

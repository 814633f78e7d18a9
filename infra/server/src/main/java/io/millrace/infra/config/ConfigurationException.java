package io.millrace.infra.config;

import org.jspecify.annotations.Nullable;

/**
 * The settings cannot be used. The text says which key, what was expected and what was found; it never repeats a
 * password.
 */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message "expected …, but …" */
    public ConfigurationException(@Nullable String message) {
        super(message);
    }

    /**
     * @param message "expected …, but …"
     * @param cause what failed while reading
     */
    public ConfigurationException(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

package io.millrace.proto.log;

import io.millrace.proto.UnavailableException;
import org.jspecify.annotations.Nullable;

/** A command could not be written, or its answer did not come in time. */
public final class CommandLogException extends UnavailableException {

    private static final long serialVersionUID = 1L;

    private final boolean mayTakeEffect;

    /**
     * @param message what was expected and what happened
     * @param mayTakeEffect whether the command may stand in the log all the same
     * @param cause what Kafka said, or null
     */
    public CommandLogException(String message, boolean mayTakeEffect, @Nullable Throwable cause) {
        super(message, cause);
        this.mayTakeEffect = mayTakeEffect;
    }

    /** @return whether the command may stand in the log, and take effect, all the same */
    public boolean mayTakeEffect() {
        return mayTakeEffect;
    }
}

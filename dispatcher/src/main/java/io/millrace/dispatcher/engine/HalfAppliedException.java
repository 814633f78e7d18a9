package io.millrace.dispatcher.engine;

import java.util.Objects;

/**
 * The engine failed between two events of a part of a command. The state in memory holds half of that part, and must
 * not be used or stored any more. Whoever drives the engine opens the state anew from what is committed, and carries
 * the command out again with this failure known. Whether an event can be applied depends on the log alone, so every
 * replay comes to the same outcome.
 */
public final class HalfAppliedException extends RuntimeException {

    private final long offset;
    private final int part;

    HalfAppliedException(long offset, int part, RuntimeException cause) {
        super(
                "expected to apply all events of part " + part + " of the command at offset " + offset + ", but failed",
                cause);
        this.offset = offset;
        this.part = part;
    }

    /** @return place of the command in the log */
    public long offset() {
        return offset;
    }

    /** @return which part of the command */
    public int part() {
        return part;
    }

    /** @return name of what was thrown, as it is to stand in the refusal */
    public String exception() {
        return Objects.requireNonNull(getCause(), "cause").getClass().getSimpleName();
    }
}

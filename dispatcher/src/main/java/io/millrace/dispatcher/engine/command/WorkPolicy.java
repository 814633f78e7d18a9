package io.millrace.dispatcher.engine.command;

import org.jspecify.annotations.Nullable;

/**
 * How work of a subject may be handed out.
 *
 * @param version of what was said of the subject: later changes have higher ones; 0: nothing was said, or it is forgotten
 * @param pause nothing is handed out; null: it is
 */
public record WorkPolicy(long version, @Nullable Pause pause) {

    /** Of what nothing is said: all work is handed out. */
    public static final WorkPolicy USUAL = new WorkPolicy(0, null);

    /**
     * Why nothing is handed out.
     *
     * @param sinceMs since when, milliseconds since the epoch, by the clock of the partition where that was decided
     * @param by who wanted it
     * @param reason empty: nobody said
     * @param untilMs when it ends by itself, by the clock of each partition; 0: never
     */
    public record Pause(long sinceMs, String by, String reason, long untilMs) {}

    /** @return whether it says nothing else than if there were none */
    public boolean usual() {
        return pause == null;
    }

    /** @return the same policy with another pause, or none */
    public WorkPolicy with(@Nullable Pause other) {
        return new WorkPolicy(version, other);
    }

    /** @return the same policy as a later one */
    public WorkPolicy as(long laterVersion) {
        return new WorkPolicy(laterVersion, pause);
    }
}

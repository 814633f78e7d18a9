package io.millrace.dispatcher.engine.command;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job that asks the same of everything a query finds. The items and what came of each stand in the log by the job's id, and not
 * here. Times are milliseconds.
 *
 * @param id of the job
 * @param definition what never changes
 * @param statusBy who paused, resumed or stopped it last; empty: nobody
 * @param statusReason why, or why it failed
 * @param claim which node carries it out
 * @param progress how far it is
 * @param version what people tell by whether it still stands as they saw it: 1 when it begins, one more with each change of its status
 */
public record BulkJob(
        UUID id,
        Definition definition,
        Status status,
        String statusBy,
        String statusReason,
        Claim claim,
        Progress progress,
        long version) {

    /** How it stands. The order of the constants is part of the stored form. */
    public enum Status {
        RUNNING,
        PAUSED,
        /** It is to end before it is through, and its runner has not said yet how far it came. */
        STOPPING,
        COMPLETED,
        STOPPED,
        FAILED;

        /** @return whether it stays so */
        public boolean ended() {
            return this == COMPLETED || this == STOPPED || this == FAILED;
        }
    }

    /**
     * What is to be done. None of it is the engine's to read.
     *
     * @param action what is asked of each item
     * @param query what finds them
     * @param rate most items in a second
     * @param forceAfterMs how long workers have to end what is cancelled; 0: no time
     * @param expected how many were found when it was asked for
     * @param requestedBy in whose name each is asked for, with this role, by this key
     * @param begunMs when it began; what was created later is no item
     * @param how what is asked of each besides, by name
     */
    public record Definition(
            String action,
            String query,
            int rate,
            long forceAfterMs,
            long expected,
            String reason,
            String requestedBy,
            String role,
            String credential,
            long begunMs,
            Map<String, String> how) {

        /** @return the same, asked of each in that way */
        public Definition with(Map<String, String> other) {
            return new Definition(
                    action, query, rate, forceAfterMs, expected, reason, requestedBy, role, credential, begunMs, other);
        }

        /** @return the same, begun at that time */
        public Definition at(long nowMs) {
            return new Definition(
                    action, query, rate, forceAfterMs, expected, reason, requestedBy, role, credential, nowMs, how);
        }
    }

    /**
     * Which node carries it out.
     *
     * @param runner its process; empty: none
     * @param number of the claim; later ones have higher numbers
     * @param untilMs after that another one may
     */
    public record Claim(String runner, long number, long untilMs) {

        /** Nobody has carried it out yet. */
        public static final Claim NONE = new Claim("", 0, 0);
    }

    /**
     * How far it is.
     *
     * @param cursorMs when the last item was created that is through
     * @param cursorId of that item; null: there is none yet
     */
    public record Progress(long cursorMs, @Nullable UUID cursorId, long done, long refused, long skipped) {

        /** Not begun. */
        public static final Progress NONE = new Progress(0, null, 0, 0, 0);
    }

    /** @return the same, standing otherwise */
    public BulkJob as(Status other, String by, String reason) {
        return new BulkJob(id, definition, other, by, reason, claim, progress, version + 1);
    }

    /** @return the same with another claim */
    public BulkJob with(Claim other) {
        return new BulkJob(id, definition, status, statusBy, statusReason, other, progress, version);
    }

    /** @return the same, so far */
    public BulkJob with(Progress other) {
        return new BulkJob(id, definition, status, statusBy, statusReason, claim, other, version);
    }
}

package io.millrace.ingest.audit.trail;

import org.jspecify.annotations.Nullable;

/**
 * Why an outcome is not believed.
 *
 * @param kind what does not fit
 * @param text "expected …, but …", without payloads
 * @param hole where it stands behind a hole of the log, the command whose outcome is missing: all that follow stand behind the
 *     same hole; else null
 */
public record Break(Kind kind, String text, @Nullable Long hole) {

    /** Of an outcome that stands behind no hole. */
    Break(Kind kind, String text) {
        this(kind, text, null);
    }

    /** What of an outcome does not fit. */
    public enum Kind {
        /** It is not the outcome of the command that comes next. */
        SEQUENCE,
        /** Its command is not on the log, or says something else. */
        COMMAND,
        /** The running hash of the partition does not continue the one before. */
        OUTCOME_HASH,
        /** An event does not continue the chain of its execution. */
        EVENT_HASH,
        /** All fits, but no dispatcher sealed it. */
        SEAL
    }
}

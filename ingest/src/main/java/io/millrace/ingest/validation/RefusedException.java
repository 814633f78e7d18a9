package io.millrace.ingest.validation;

import io.millrace.proto.v1.Refusal;
import io.millrace.proto.v1.RefusalReason;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request that is not carried out: by the front door, which then notes it in the log, or by the engine, which has. */
public final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final RefusalReason reason;
    private final boolean logged;
    private final transient @Nullable Duration pause;

    /**
     * Refused by the front door.
     *
     * @param reason decides the status that the caller sees
     * @param text "expected …, but …", without payloads and keys
     */
    public RefusedException(RefusalReason reason, String text) {
        this(reason, text, false, null);
    }

    /** @param refusal what the engine answered */
    public RefusedException(Refusal refusal) {
        this(refusal.getReason(), refusal.getText(), true, null);
    }

    private RefusedException(RefusalReason reason, String text, boolean logged, @Nullable Duration pause) {
        super(text, null, false, false);
        this.reason = reason;
        this.logged = logged;
        this.pause = pause;
    }

    /** @return a refusal of the front door that stands in the log in another form, and need not be noted */
    public static RefusedException noted(RefusalReason reason, String text) {
        return new RefusedException(reason, text, true, null);
    }

    /**
     * @param what the note was of, such as "an approval"
     * @param by the engine's refusal
     * @return that a note was not taken which has to stand in the log
     */
    public static RefusedException noteNotTaken(String what, Refusal by) {
        return noted(
                RefusalReason.FAILED_PRECONDITION,
                "expected the note of " + what + " to be taken, but it was refused, as by rules before 3: "
                        + by.getText());
    }

    /** @return an INVALID_ARGUMENT */
    public static RefusedException invalid(String text) {
        return new RefusedException(RefusalReason.INVALID_ARGUMENT, text);
    }

    /** @return a NOT_FOUND */
    public static RefusedException notFound(String text) {
        return new RefusedException(RefusalReason.NOT_FOUND, text);
    }

    /** @return a RESOURCE_EXHAUSTED: more, or larger, than is allowed */
    public static RefusedException tooMuch(String text) {
        return new RefusedException(RefusalReason.RESOURCE_EXHAUSTED, text);
    }

    /** @return a RESOURCE_EXHAUSTED: more than is allowed now, which may be asked for again after the pause */
    public static RefusedException tooMuchNow(String text, Duration pause) {
        return new RefusedException(RefusalReason.RESOURCE_EXHAUSTED, text, false, pause);
    }

    /** @return after which time the same may be asked for again; empty: that does not help */
    public Optional<Duration> pause() {
        return Optional.ofNullable(pause);
    }

    /** @return what is wrong, never null */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "text");
    }

    /** @return why */
    public RefusalReason reason() {
        return reason;
    }

    /** @return whether the refusal stands in the log already */
    public boolean logged() {
        return logged;
    }
}

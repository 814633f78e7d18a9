package io.millrace.dispatcher.engine;

/** A request that was not carried out, and why: "expected …, but …". */
public record Refusal(Reason reason, String text) {

    /** Why. The names are those of {@code millrace.v1.RefusalReason}. */
    public enum Reason {
        INVALID_ARGUMENT,
        NOT_FOUND,
        ALREADY_EXISTS,
        FAILED_PRECONDITION,
        RESOURCE_EXHAUSTED,
        PERMISSION_DENIED,
        ABORTED,
        POISON,
        UNIMPLEMENTED
    }
}

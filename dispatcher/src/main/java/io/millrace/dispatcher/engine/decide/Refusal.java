package io.millrace.dispatcher.engine.decide;

/** A request that was not carried out, and why: "expected …, but …". */
public record Refusal(Reason reason, String text) {

    /** Why. Names and order are those of {@code millrace.v1.RefusalReason}. */
    public enum Reason {
        INVALID_ARGUMENT,
        NOT_FOUND,
        ALREADY_EXISTS,
        FAILED_PRECONDITION,
        RESOURCE_EXHAUSTED,
        PERMISSION_DENIED,
        ABORTED,
        POISON,
        UNIMPLEMENTED;

        /** @return the number of that name in {@code millrace.v1.RefusalReason}, which enters the hashes */
        public int number() {
            return ordinal() + 1;
        }
    }
}

package io.millrace.proto.auth;

import io.millrace.proto.v1.Principal;

/** What a key may do in its organisation. The front door says which calls each role allows. */
public enum Role {
    /** Everything: the organisation belongs to the holder of this key. */
    OWNER,
    /** Everything, like an owner. */
    ADMIN,
    /** Runs the organisation's work: starts it, steers it and ends it. */
    OPERATOR,
    /** Looks at everything and changes nothing. */
    AUDITOR,
    /** Starts, signals and looks. */
    MEMBER,
    /** Does the work, and starts more of it. A key may limit it to queues and kinds. */
    WORKER;

    /**
     * @return the principal's role
     * @throws IllegalArgumentException if it has none of these; keys always have one
     */
    public static Role of(Principal principal) {
        return valueOf(principal.getRole());
    }
}

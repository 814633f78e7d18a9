package io.millrace.ingest.auth;

import io.millrace.proto.auth.Role;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What a call does, as far as that decides who may make it. */
public enum Right {
    /** Looks at one execution or task. */
    READ(Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.AUDITOR, Role.MEMBER, Role.WORKER),
    /** Looks at what the whole organisation has; a key that is kept to queues or kinds never may. */
    LIST(Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.AUDITOR, Role.MEMBER, Role.WORKER),
    /** Looks at who asked for what in the whole organisation. */
    AUDIT(Role.OWNER, Role.ADMIN, Role.AUDITOR),
    /** Starts, signals and settles: what brings work forward. */
    START(Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.MEMBER, Role.WORKER),
    /** Ends work against its will. */
    CANCEL(Role.OWNER, Role.ADMIN, Role.OPERATOR),
    /** Erases payloads for ever. */
    ERASE(Role.OWNER, Role.ADMIN),
    /** Makes keys and revokes them. */
    KEYS(Role.OWNER, Role.ADMIN),
    /** Takes work and reports what became of it. */
    WORK(Role.OWNER, Role.ADMIN, Role.WORKER);

    private final Set<Role> holders;

    Right(Role first, Role... others) {
        holders = Collections.unmodifiableSet(EnumSet.of(first, others));
    }

    /** @return whether it ends or holds back work, or manages: a flood of what brings work must not hold it up */
    public boolean relieves() {
        return switch (this) {
            case CANCEL, ERASE, KEYS -> true;
            case READ, LIST, AUDIT, START, WORK -> false;
        };
    }

    /** @return the roles that have it, in the order of their declaration */
    public Set<Role> holders() {
        return holders;
    }
}

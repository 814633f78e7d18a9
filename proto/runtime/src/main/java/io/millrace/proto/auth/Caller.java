package io.millrace.proto.auth;

import io.grpc.Context;
import io.millrace.proto.v1.Principal;
import java.util.UUID;

/**
 * Who calls: the outcome of authentication, carried through gRPC's context to every service.
 *
 * @param orgId the organisation that the key belongs to; a caller never reaches another one
 * @param orgSlug short name of the organisation, as it stands in HTTP paths
 * @param principal what is written into the command log
 * @param peer address of the caller, for the log's "from where"
 * @param scope the part of the organisation's work that the key is limited to
 */
public record Caller(UUID orgId, String orgSlug, Principal principal, String peer, Scope scope) {

    /** Set on every call that the authenticating interceptor lets through. */
    public static final Context.Key<Caller> KEY = Context.key("millrace-caller");

    /** A caller whose key is for all work of its organisation. */
    public Caller(UUID orgId, String orgSlug, Principal principal, String peer) {
        this(orgId, orgSlug, principal, peer, Scope.WHOLE);
    }

    /**
     * @return the caller of the current gRPC call
     * @throws IllegalStateException if no interceptor has set one, which is a wiring fault
     */
    public static Caller current() {
        Caller caller = KEY.get();
        if (caller == null) {
            throw new IllegalStateException("expected an authenticated caller, but no interceptor has set one");
        }
        return caller;
    }
}

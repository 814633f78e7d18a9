package io.millrace.notifier.queue;

import io.millrace.proto.auth.Principals;
import io.millrace.proto.v1.Binding;
import io.millrace.proto.v1.Principal;

/**
 * Who polls, and alone may report the work that comes of it.
 *
 * @param principal type and id, and what was shown; empty: the caller showed nothing, and anybody may report the work
 * @param binding by what it is told from others; unspecified where it is nobody
 */
public record ClaimHolder(Principal principal, Binding binding) {

    /** A caller that showed nothing. */
    public static final ClaimHolder NOBODY =
            new ClaimHolder(Principal.getDefaultInstance(), Binding.BINDING_UNSPECIFIED);

    /** @return the caller as a holder of work, bound so if it is known */
    public static ClaimHolder of(Principal caller, Binding binding) {
        return Principals.isKnown(caller)
                ? new ClaimHolder(
                        Principals.identity(caller).toBuilder()
                                .setCredential(caller.getCredential())
                                .build(),
                        binding)
                : NOBODY;
    }

    /** @return whether there is somebody who alone may report the work */
    public boolean isKnown() {
        return binding != Binding.BINDING_UNSPECIFIED;
    }

    /** @return whether the engine lets them report the work: they hold it, or are the server, or nobody alone may */
    public boolean mayReport(Principal reporter) {
        return !isKnown() || reporter.getType() == Principal.Type.SYSTEM || isOf(reporter);
    }

    private boolean isOf(Principal reporter) {
        return principal.getType() == reporter.getType()
                && principal.getId().equals(reporter.getId())
                && (binding == Binding.PRINCIPAL || principal.getCredential().equals(reporter.getCredential()));
    }

    /** @return what two polls have in common that may get each other's work */
    Principal reporter() {
        return binding == Binding.CREDENTIAL ? principal : Principals.identity(principal);
    }
}

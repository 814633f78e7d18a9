package io.millrace.proto.auth;

import io.millrace.proto.v1.Principal;

/**
 * Tells principals apart by type and id, whatever key or token they show: tokens change. Where a caller showed nothing, since no key is
 * required, nobody can tell who it is.
 */
public final class Principals {

    /** What stands between the name of a worker and its principal. */
    public static final String OF = " of ";

    private static final Principal NOBODY = Principal.getDefaultInstance();

    private Principals() {}

    /** @return whether the caller has shown a key, a token or a certificate */
    public static boolean isKnown(Principal caller) {
        return !caller.getCredential().isEmpty();
    }

    /** @return the type and id alone of a caller that is known; the empty principal for all others */
    public static Principal identity(Principal caller) {
        return isKnown(caller)
                ? Principal.newBuilder()
                        .setType(caller.getType())
                        .setId(caller.getId())
                        .build()
                : NOBODY;
    }

    /**
     * @param name what a worker calls itself; workers of others may call themselves the same
     * @return the name as it is its owner's, by which signs of life are kept
     */
    public static String bound(String name, Principal owner) {
        return isKnown(owner) ? name + OF + owner.getType() + " " + owner.getId() : name;
    }

    /** @return whether what the owner has registered counts for the caller; what nobody in particular has counts for all */
    public static boolean mayUse(Principal caller, Principal owner) {
        return !isKnown(owner) || identity(owner).equals(identity(caller));
    }
}

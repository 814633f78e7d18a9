package io.millrace.dispatcher.engine.command;

/**
 * Who asked for a command.
 *
 * @param type of the principal: USER, WORKER or SYSTEM, which is the server itself
 * @param id of the principal
 * @param credential public id of the key or token that was shown; empty: none
 */
public record Asker(String type, String id, String credential) {

    /** Nobody in particular. */
    public static final Asker NOBODY = new Asker("TYPE_UNSPECIFIED", "", "");

    /** @return whether the server asks by itself, such as for a lease that it renews */
    public boolean isServer() {
        return type.equals("SYSTEM");
    }

    /** @return whether both are the same principal, whatever they have shown */
    public boolean isSamePrincipal(Asker other) {
        return type.equals(other.type) && id.equals(other.id);
    }

    /** @return for people: type and id of the principal */
    public String told() {
        return type + " '" + id + "'";
    }
}

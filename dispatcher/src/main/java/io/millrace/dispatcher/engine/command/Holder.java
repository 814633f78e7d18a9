package io.millrace.dispatcher.engine.command;

/**
 * Whom work was handed to. Nobody but the holder may report it.
 *
 * @param who as they polled for it
 * @param binding by what they are told from others
 */
public record Holder(Asker who, Binding binding) {

    /** By what a holder is told from others. The order of the constants is part of the stored form. */
    public enum Binding {
        /** By type and id of the principal: tokens change while work is done. */
        PRINCIPAL,
        /** By the key or token as well. */
        CREDENTIAL
    }

    /** @return whether what they report counts: they hold the work, or are the server */
    public boolean mayReport(Asker asker) {
        return asker.isServer() || isOf(asker) && (binding == Binding.PRINCIPAL || hasShown(asker.credential()));
    }

    /** @return whether it is that principal, whatever key or token they show */
    public boolean isOf(Asker asker) {
        return who.isSamePrincipal(asker);
    }

    private boolean hasShown(String credential) {
        return who.credential().equals(credential);
    }
}

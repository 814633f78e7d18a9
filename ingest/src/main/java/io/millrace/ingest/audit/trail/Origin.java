package io.millrace.ingest.audit.trail;

import org.jspecify.annotations.Nullable;

/**
 * Where a request came from, as the log has it: {@code <node>}, {@code <node> <peer>}, or, where the peer is a trusted proxy,
 * {@code <node> <client> via <peer>}.
 *
 * @param node front door that took it in, or the node that asks in its own name
 * @param peer address and port at the other end of the connection, or null
 * @param client address that the proxy told of, or null
 */
public record Origin(
        String node, @Nullable String peer, @Nullable String client) {

    private static final String VIA = " via ";

    /** @return what the text of a record says */
    public static Origin of(String text) {
        int via = text.lastIndexOf(VIA);
        String before = via < 0 ? text : text.substring(0, via);
        int space = before.lastIndexOf(' ');
        if (space < 0) {
            return new Origin(text, null, null);
        }
        String node = before.substring(0, space);
        String from = before.substring(space + 1);
        return via < 0 ? new Origin(node, from, null) : new Origin(node, text.substring(via + VIA.length()), from);
    }
}

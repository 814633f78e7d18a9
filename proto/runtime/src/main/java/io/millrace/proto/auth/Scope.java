package io.millrace.proto.auth;

import java.util.Set;
import java.util.TreeSet;

/**
 * The part of an organisation's work that a key is limited to. Immutable, safe from any thread.
 *
 * @param queues names of queues; empty: all of them
 * @param kinds kinds of workflows and of tasks; empty: all of them
 */
public record Scope(Set<String> queues, Set<String> kinds) {

    /** All work of the organisation. */
    public static final Scope WHOLE = new Scope(Set.of(), Set.of());

    /** Copies the sets. */
    public Scope {
        queues = Set.copyOf(queues);
        kinds = Set.copyOf(kinds);
    }

    /** @return whether this is all work of the organisation */
    public boolean isWhole() {
        return queues.isEmpty() && kinds.isEmpty();
    }

    /** @return whether work of this queue belongs to this part */
    public boolean hasQueue(String queue) {
        return queues.isEmpty() || queues.contains(queue);
    }

    /** @return whether work of this kind belongs to this part */
    public boolean hasKind(String kind) {
        return kinds.isEmpty() || kinds.contains(kind);
    }

    /** @return what the key is limited to, for people */
    @Override
    public String toString() {
        if (isWhole()) {
            return "all queues and kinds";
        }
        String ofQueues = queues.isEmpty() ? "" : "the queues " + new TreeSet<>(queues);
        String ofKinds = kinds.isEmpty() ? "" : "the kinds " + new TreeSet<>(kinds);
        return ofQueues.isEmpty() || ofKinds.isEmpty() ? ofQueues + ofKinds : ofQueues + " and " + ofKinds;
    }
}

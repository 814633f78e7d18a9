package io.millrace.notifier.queue;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which kinds of work somebody takes. Takers with equal filters are interchangeable. The index keeps them in one line,
 * so that a piece of work looks at lines and not at everyone in them.
 */
public final class KindFilter {

    /** Takes whatever there is. */
    public static final KindFilter ANY = new KindFilter(true, List.of());

    /** Takes nothing: the worker registered kinds, but none of this type of work. */
    public static final KindFilter NONE = new KindFilter(false, List.of());

    private final boolean any;
    private final List<String> kinds;
    private final int hash;

    private KindFilter(boolean any, List<String> kinds) {
        this.any = any;
        this.kinds = kinds;
        this.hash = kinds.hashCode() * 31 + Boolean.hashCode(any);
    }

    /** @return a filter that takes exactly these kinds; order and repetitions do not matter */
    public static KindFilter of(Collection<String> kinds) {
        return kinds.isEmpty() ? NONE : new KindFilter(false, List.copyOf(new TreeSet<>(kinds)));
    }

    /** @return a filter that takes of these kinds only, where any are named, what this one takes */
    public KindFilter within(Set<String> allowed) {
        if (allowed.isEmpty()) {
            return this;
        }
        return any ? of(allowed) : of(kinds.stream().filter(allowed::contains).toList());
    }

    /** @return whether every kind fits */
    public boolean any() {
        return any;
    }

    /** @return whether no kind fits */
    public boolean none() {
        return !any && kinds.isEmpty();
    }

    /** @return the kinds that fit, sorted; empty for {@link #ANY} */
    public List<String> kinds() {
        return kinds;
    }

    /** @return whether work of the kind fits */
    public boolean fits(String kind) {
        return any || Collections.binarySearch(kinds, kind) >= 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KindFilter that && any == that.any && kinds.equals(that.kinds);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return any ? "any kind" : "kinds " + kinds;
    }
}

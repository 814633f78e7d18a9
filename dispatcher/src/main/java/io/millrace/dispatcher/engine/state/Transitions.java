package io.millrace.dispatcher.engine.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A state machine as one table: which state follows on which, by what event. What is not in the table does not happen. The pictures in
 * docs/state-machines.md are drawn of it. Immutable.
 *
 * @param <S> the states
 */
public final class Transitions<S extends Enum<S>> {

    /**
     * One line of the table.
     *
     * @param from null: it was not there before
     * @param event type of the event
     */
    public record Transition<S>(@Nullable S from, String event, S to) {}

    private final String name;
    private final List<Transition<S>> all;
    /** By the number of the state before; the first is that of what was not there. */
    private final List<Map<String, S>> byState = new ArrayList<>();

    private Transitions(String name, Class<S> states, List<Transition<S>> all) {
        this.name = name;
        this.all = List.copyOf(all);
        for (int i = 0; i <= states.getEnumConstants().length; i++) {
            byState.add(new HashMap<>());
        }
        for (Transition<S> each : all) {
            S other = byState.get(place(each.from)).put(each.event, each.to);
            if (other != null) {
                throw new IllegalArgumentException("expected one line for each event of a state, but " + each.event
                        + " of " + each.from + " has two");
            }
        }
    }

    private static int place(@Nullable Enum<?> from) {
        return from == null ? 0 : from.ordinal() + 1;
    }

    /** Begins a table. */
    static <S extends Enum<S>> Table<S> of(String name, Class<S> states) {
        return new Table<>(name, states);
    }

    /** A table that is being written. */
    static final class Table<S extends Enum<S>> {

        private final String name;
        private final Class<S> states;
        private final List<Transition<S>> all = new ArrayList<>();

        private Table(String name, Class<S> states) {
            this.name = name;
            this.states = states;
        }

        Table<S> begin(String event, S to) {
            all.add(new Transition<>(null, event, to));
            return this;
        }

        @SafeVarargs
        final Table<S> on(String event, S to, S... from) {
            for (S each : from) {
                all.add(new Transition<>(each, event, to));
            }
            return this;
        }

        Transitions<S> done() {
            return new Transitions<>(name, states, all);
        }
    }

    /** @return what it describes */
    public String name() {
        return name;
    }

    /** @return all lines */
    public List<Transition<S>> all() {
        return all;
    }

    /** @return types of all events that it knows, in their order as texts */
    public SortedSet<String> events() {
        return new TreeSet<>(all.stream().map(Transition::event).toList());
    }

    /**
     * @param from null: it was not there before
     * @throws IllegalStateException no line of the table says so
     */
    S after(@Nullable S from, String event) {
        S to = byState.get(place(from)).get(event);
        if (to == null) {
            throw new IllegalStateException(
                    "expected an event that may follow on " + from + " of a " + name + ", but got " + event);
        }
        return to;
    }

    /** @return the table as a picture in the language of Mermaid, the same lines for the same table */
    public String mermaid() {
        StringBuilder picture = new StringBuilder("stateDiagram-v2\n");
        Comparator<Transition<S>> order = Comparator.<Transition<S>>comparingInt(each -> place(each.from))
                .thenComparingInt(each -> place(each.to))
                .thenComparing(Transition::event);
        all.stream()
                .sorted(order)
                .forEach(each -> picture.append("    ")
                        .append(each.from == null ? "[*]" : each.from.name())
                        .append(" --> ")
                        .append(each.to.name())
                        .append(": ")
                        .append(each.event)
                        .append('\n'));
        return picture.toString();
    }
}

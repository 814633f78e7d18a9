package io.millrace.dispatcher.engine.state;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.event.Event;
import io.millrace.dispatcher.engine.event.EventParser;
import io.millrace.dispatcher.engine.event.SealedEvent;
import java.util.List;
import java.util.UUID;

/**
 * Applies events that were recorded, and decides nothing. This is the second way to a state. It serves for logs of any
 * rules, and for the events of one execution alone. Since rules 4 events tell all that they do, so that whole outcomes give the same
 * state as their commands, byte for byte, but for the numbers that writers gave their commands. What older ones do not tell is not in the state either: how long what has ended is kept, and
 * some more. One thread.
 */
public final class EventFold {

    private final PartitionState state;
    private final Applier applier;
    private final Sealer sealer;

    /** Applies events to this state, which nobody else changes. */
    public EventFold(PartitionState state) {
        this.state = state;
        this.applier = new Applier(state);
        this.sealer = new Sealer(state);
    }

    /**
     * What is recorded of a command besides its events.
     *
     * @param offset its place in the log of its partition
     * @param commandId zeroes where the record could not be read
     * @param rules version of the rules that decided
     * @param timeMs time of the partition then, milliseconds since the epoch
     * @param appendedMs append time up to which the clock of the partition had come, milliseconds since the epoch; 0: none had counted
     * @param hash running hash over all outcomes up to this one; never changes
     * @param settled what was due and was seen to, and no event tells of it
     */
    public record Recorded(
            long offset,
            UUID commandId,
            int rules,
            long timeMs,
            long appendedMs,
            byte[] hash,
            List<SettledDue> settled) {}

    /**
     * Applies all that came of the command that stands next in the log.
     *
     * @throws IllegalArgumentException an event cannot be read
     * @throws RuntimeException an event is about what the events before it do not tell of
     */
    public void apply(Recorded recorded, List<SealedEvent> events) {
        long appendedMs =
                recorded.rules < Rules.ONE_CLOCK || recorded.appendedMs == 0 ? PartitionTime.NONE : recorded.appendedMs;
        state.partition().at(recorded.timeMs, appendedMs, recorded.rules);
        apply(events);
        recorded.settled.forEach(each -> state.settled(each.due(), each.keys()));
        state.partition().outcomesHash(recorded.hash);
        state.partition().carriedOut(recorded.offset, recorded.commandId);
    }

    /**
     * Applies some of the events of one outcome, in their order.
     *
     * @param rules version of the rules that decided
     * @param timeMs time of the partition then, milliseconds since the epoch
     * @throws IllegalArgumentException an event cannot be read
     * @throws RuntimeException an event is about what the events before it do not tell of
     */
    public void apply(int rules, long timeMs, List<SealedEvent> events) {
        state.partition().at(timeMs, rules < Rules.ONE_CLOCK ? PartitionTime.NONE : timeMs, rules);
        apply(events);
    }

    private void apply(List<SealedEvent> events) {
        for (SealedEvent sealed : events) {
            Event event = EventParser.parse(sealed);
            Execution before = sealed.executionId() == null ? null : state.execution(sealed.executionId());
            applier.apply(event);
            Execution subject =
                    before != null || sealed.executionId() == null ? before : state.execution(sealed.executionId());
            sealer.take(event, subject, sealed);
        }
        state.drainTraced(); // whoever watched heard of it when it happened
    }
}

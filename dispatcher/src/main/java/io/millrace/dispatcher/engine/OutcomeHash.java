package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.SettledDue;
import io.millrace.proto.proof.EventsOnlyHashes;
import io.millrace.proto.proof.StateFacts;
import io.millrace.proto.proof.WholeOutcomeHashes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The running hash of a partition, by the rules that decided each outcome. Not thread-safe. */
final class OutcomeHash {

    private final EventsOnlyHashes eventsOnly = new EventsOnlyHashes();
    private final WholeOutcomeHashes whole = new WholeOutcomeHashes();

    /** @return hash of what caused the outcome, which enters those of its events; null under rules that had none */
    byte @Nullable [] cause(CommandMeta meta, long timeMs, int rules) {
        return rules < Rules.WHOLE_OUTCOMES_HASHED ? null : whole.cause(meta.asked(), meta.offset(), timeMs, rules);
    }

    /** @return what enters besides events; null under rules that do not cover it */
    static @Nullable StateFacts state(long appendedMs, List<SettledDue> settled, int rules) {
        if (rules < Rules.EVENTS_TELL_ALL) {
            return null;
        }
        List<StateFacts.Settled> facts = new ArrayList<>(settled.size());
        for (SettledDue each : settled) {
            Due due = each.due();
            facts.add(new StateFacts.Settled(
                    due.type().ordinal(), due.atMs(), due.executionId(), due.reference(), each.keys()));
        }
        return new StateFacts(appendedMs, facts);
    }

    byte[] next(
            byte[] previous,
            byte @Nullable [] cause,
            CommandMeta meta,
            @Nullable Refusal refusal,
            List<SealedEvent> events,
            @Nullable StateFacts state) {
        List<byte[]> hashes = new ArrayList<>(events.size());
        for (SealedEvent event : events) {
            hashes.add(event.hash());
        }
        if (cause == null) {
            String why = refusal == null ? null : refusal.reason() + ": " + refusal.text();
            return eventsOnly.outcome(previous, meta.offset(), meta.commandId(), why, hashes);
        }
        return refusal == null
                ? whole.outcome(previous, cause, 0, "", hashes, state)
                : whole.outcome(previous, cause, refusal.reason().number(), refusal.text(), hashes, state);
    }
}

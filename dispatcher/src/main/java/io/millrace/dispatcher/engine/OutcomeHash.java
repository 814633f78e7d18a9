package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.CommandMeta;
import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.proto.proof.EventsOnlyHashes;
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

    byte[] next(
            byte[] previous,
            byte @Nullable [] cause,
            CommandMeta meta,
            @Nullable Refusal refusal,
            List<SealedEvent> events) {
        List<byte[]> hashes = new ArrayList<>(events.size());
        for (SealedEvent event : events) {
            hashes.add(event.hash());
        }
        if (cause == null) {
            String why = refusal == null ? null : refusal.reason() + ": " + refusal.text();
            return eventsOnly.outcome(previous, meta.offset(), meta.commandId(), why, hashes);
        }
        return refusal == null
                ? whole.outcome(previous, cause, 0, "", hashes)
                : whole.outcome(previous, cause, refusal.reason().number(), refusal.text(), hashes);
    }
}

package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.decide.Answer;
import io.millrace.dispatcher.engine.decide.Outgoing;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.dispatcher.engine.event.SealedEvent;
import io.millrace.dispatcher.engine.state.SettledDue;
import io.millrace.dispatcher.engine.state.TracedWork;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a command.
 *
 * @param refusal set when it was refused. What an engine that failed had done before stays done, so there may be events too
 * @param answer for its caller, null when it was refused
 * @param rules version of the rules that decided
 * @param partitionHash running hash over all outcomes of the partition
 * @param appendedMs append time up to which the clock of the partition has come, milliseconds since the epoch; 0: none has counted yet
 * @param settled what was due and was seen to, and no event tells of it
 * @param traced work of traces that was handed out, or is its worker's no more. Not part of the record
 * @param failure what the engine threw, for whoever looks after the node; null otherwise. Not part of the record
 */
public record Outcome(
        @Nullable Refusal refusal,
        @Nullable Answer answer,
        List<SealedEvent> events,
        List<Outgoing> outgoing,
        long timeMs,
        int rules,
        byte[] partitionHash,
        long appendedMs,
        List<SettledDue> settled,
        List<TracedWork> traced,
        @Nullable RuntimeException failure) {}

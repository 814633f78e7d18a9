package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.Refusal;
import io.millrace.proto.v1.CommandRecord.BodyCase;
import io.millrace.proto.v1.MacVerdict;
import java.util.concurrent.atomic.LongAdder;

/** What the stream threads of a node have done since it started; a count costs an increment. Any thread. */
public final class PartitionMetrics {

    private final LongAdder[] commands = adders(BodyCase.values().length);
    private final LongAdder[] refusals = adders(Refusal.Reason.values().length);
    private final LongAdder[] notByNodes = adders(MacVerdict.values().length);
    private final LongAdder events = new LongAdder();
    private final LongAdder longHistories = new LongAdder();

    private static LongAdder[] adders(int many) {
        LongAdder[] adders = new LongAdder[many];
        for (int i = 0; i < many; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    void done(BodyCase command, Outcome outcome) {
        commands[command.ordinal()].increment();
        events.add(outcome.events().size());
        if (outcome.refusal() != null) {
            refusals[outcome.refusal().reason().ordinal()].increment();
        }
    }

    void notByANode(MacVerdict verdict) {
        notByNodes[verdict.ordinal()].increment();
    }

    void longHistory() {
        longHistories.increment();
    }

    /** @return commands of the type that were carried out or refused; BODY_NOT_SET: that could not be read */
    public long commands(BodyCase type) {
        return commands[type.ordinal()].sum();
    }

    /** @return commands refused for the reason */
    public long refusals(Refusal.Reason reason) {
        return refusals[reason.ordinal()].sum();
    }

    /** @return commands whose MAC was missing, of an unknown key or wrong, refused or not */
    public long notByNodes(MacVerdict verdict) {
        return notByNodes[verdict.ordinal()].sum();
    }

    /** @return events that came of commands */
    public long events() {
        return events.sum();
    }

    /** @return histories that have come near their limit */
    public long longHistories() {
        return longHistories.sum();
    }
}

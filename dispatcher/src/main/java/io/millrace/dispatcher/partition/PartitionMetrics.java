package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.proto.v1.CommandRecord.BodyCase;
import io.millrace.proto.v1.MacVerdict;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What the stream threads of a node have done since it started; a count costs an increment. Any thread. */
public final class PartitionMetrics {

    private final Map<BodyCase, LongAdder> commands = adders(BodyCase.class);
    private final Map<Refusal.Reason, LongAdder> refusals = adders(Refusal.Reason.class);
    private final Map<MacVerdict, LongAdder> notByNodes = adders(MacVerdict.class);
    private final LongAdder events = new LongAdder();
    private final LongAdder longHistories = new LongAdder();

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E each : type.getEnumConstants()) {
            adders.put(each, new LongAdder());
        }
        return adders;
    }

    private static <E extends Enum<E>> LongAdder of(Map<E, LongAdder> adders, E each) {
        return Objects.requireNonNull(adders.get(each), "adder");
    }

    void done(BodyCase command, Outcome outcome) {
        of(commands, command).increment();
        events.add(outcome.events().size());
        if (outcome.refusal() != null) {
            of(refusals, outcome.refusal().reason()).increment();
        }
    }

    void notByANode(MacVerdict verdict) {
        of(notByNodes, verdict).increment();
    }

    void longHistory() {
        longHistories.increment();
    }

    /** @return commands of the type that were carried out or refused; BODY_NOT_SET: that could not be read */
    public long commands(BodyCase type) {
        return of(commands, type).sum();
    }

    /** @return commands refused for the reason */
    public long refusals(Refusal.Reason reason) {
        return of(refusals, reason).sum();
    }

    /** @return commands whose MAC was missing, of an unknown key or wrong, refused or not */
    public long notByNodes(MacVerdict verdict) {
        return of(notByNodes, verdict).sum();
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

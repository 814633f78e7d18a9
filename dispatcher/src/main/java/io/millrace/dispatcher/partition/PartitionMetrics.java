package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.Outcome;
import io.millrace.dispatcher.engine.decide.Refusal;
import io.millrace.proto.v1.CommandRecord.BodyCase;
import io.millrace.proto.v1.MacVerdict;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What the stream threads of a node have done since it started; a count costs an increment. Any thread. */
public final class PartitionMetrics {

    /** Types of the events that are counted one by one, as they stand on the events topic: what becomes of work. */
    private static final List<String> COUNTED = List.of(
            "WORKFLOW_STARTED",
            "WORK_CLAIMED",
            "CLAIM_RELEASED",
            "LEASE_EXPIRED",
            "SUBMISSION_DISCARDED",
            "SUBMISSION_REFUSED",
            "WORKFLOW_COMPLETED",
            "WORKFLOW_EXECUTION_FAILED",
            "WORKFLOW_CANCELLED",
            "WORKFLOW_CONTINUED_AS_NEW",
            "TASK_SUBMITTED",
            "TASK_SCHEDULED",
            "TASK_CLAIMED",
            "TASK_CLAIM_RELEASED",
            "TASK_ATTEMPT_FAILED",
            "TASK_REPORT_REFUSED",
            "TASK_RETRIED",
            "TASK_COMPLETED",
            "TASK_FAILED",
            "TASK_CANCELLED");

    private final Map<String, LongAdder> happened = new HashMap<>();
    private final DurationCounts startWaits = new DurationCounts();
    private final DurationCounts taskWaits = new DurationCounts();
    private final DurationCounts taskRuns = new DurationCounts();
    private final Map<BodyCase, LongAdder> commands = adders(BodyCase.class);
    private final Map<Refusal.Reason, LongAdder> refusals = adders(Refusal.Reason.class);
    private final Map<MacVerdict, LongAdder> notByNodes = adders(MacVerdict.class);
    private final LongAdder events = new LongAdder();
    private final LongAdder longHistories = new LongAdder();
    private final BlockedLanes blockedLanes = new BlockedLanes(System::nanoTime);
    private final KindFigures kinds;

    /** Begins with nothing, and counts no kinds by themselves. */
    public PartitionMetrics() {
        this(0);
    }

    /** @param kindFigures kinds that have figures of their own, at the most; 0: none */
    public PartitionMetrics(int kindFigures) {
        kinds = new KindFigures(kindFigures);
        COUNTED.forEach(type -> happened.put(type, new LongAdder()));
    }

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

    /** @return whether events of the type are counted one by one */
    boolean happened(String type) {
        LongAdder counted = happened.get(type);
        if (counted != null) {
            counted.increment();
        }
        return counted != null;
    }

    /** @return how often what becomes of work has happened, by the type of the event */
    public Map<String, Long> happened() {
        Map<String, Long> now = new TreeMap<>();
        happened.forEach((type, count) -> now.put(type, count.sum()));
        return now;
    }

    /** @return from the start of workflows until a worker had them for the first time */
    public DurationCounts startWaits() {
        return startWaits;
    }

    /** @return from when tasks stood ready until a worker had them, each attempt */
    public DurationCounts taskWaits() {
        return taskWaits;
    }

    /** @return from when a worker had tasks until they ended, the last attempt */
    public DurationCounts taskRuns() {
        return taskRuns;
    }

    /** @return what became of work by its kind */
    public KindFigures kinds() {
        return kinds;
    }

    /** @return commands of the type that were carried out or refused; BODY_NOT_SET: that could not be read */
    public long commands(BodyCase type) {
        return of(commands, type).sum();
    }

    /** @return commands refused for the reason */
    public long refusals(Refusal.Reason reason) {
        return of(refusals, reason).sum();
    }

    /** @return commands whose MAC was missing, of an unknown key or wrong, refused or not, and those that were copied or may have been */
    public long notByNodes(MacVerdict verdict) {
        return of(notByNodes, verdict).sum();
    }

    /** @return events that came of commands */
    public long events() {
        return events.sum();
    }

    /** @return where commands to other partitions wait for Kafka */
    public BlockedLanes blockedLanes() {
        return blockedLanes;
    }

    /** @return histories that have come near their limit */
    public long longHistories() {
        return longHistories.sum();
    }
}

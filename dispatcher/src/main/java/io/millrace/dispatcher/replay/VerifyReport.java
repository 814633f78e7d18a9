package io.millrace.dispatcher.replay;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What a verification found. Any thread; complete when the verification is over. */
public final class VerifyReport {

    private final LongAdder compared = new LongAdder();
    private final LongAdder following = new LongAdder();
    private final Map<Group, Long> groups = new TreeMap<>(
            Comparator.comparing(Group::byRules).thenComparing(Group::kind).thenComparing(Group::command));
    private final Map<Integer, String> unseen = new TreeMap<>();
    /** Of each partition, which is looked at in its order. */
    private final Map<Integer, Difference> firsts = new TreeMap<>();

    /**
     * Differences of one sort.
     *
     * @param byRules whether other rules decided
     * @param command name of the commands' body
     */
    public record Group(Difference.Kind kind, boolean byRules, String command) {}

    void compared() {
        compared.increment();
    }

    /** Something differs only because something before it does. */
    void follows() {
        following.increment();
    }

    synchronized void differs(Difference difference) {
        groups.merge(new Group(difference.kind(), difference.byRules(), difference.command()), 1L, Long::sum);
        firsts.putIfAbsent(difference.partition(), difference);
    }

    synchronized void unseen(int partition, String why) {
        unseen.put(partition, why);
    }

    /** @return how many outcomes were compared */
    public long comparedOutcomes() {
        return compared.sum();
    }

    /** @return outcomes that differ in their hashes alone, or in the version of the rules that was asked for, behind a difference */
    public long followingOutcomes() {
        return following.sum();
    }

    /** @return how many differences there are of each sort */
    public synchronized Map<Group, Long> groups() {
        return Map.copyOf(groups);
    }

    /** @return the sorts in a fixed order: those first that no rules explain */
    public synchronized List<Group> sorts() {
        return List.copyOf(groups.keySet());
    }

    /** @return the difference whose command came first */
    public synchronized Optional<Difference> first() {
        return firsts.values().stream().min(Comparator.comparingLong(Difference::appendedMs));
    }

    /** @return by partition, why it could not be looked at to its end */
    public synchronized Map<Integer, String> unseen() {
        return new TreeMap<>(unseen);
    }
}

package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.command.WorkType;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What became of the work of each kind of each organisation, since the node started. So many kinds have figures of their own, those
 * that came first; what comes later counts as {@link #OTHER} of its organisation, and where there are as many organisations
 * already, of {@link #OTHER}. So neither memory nor the number of figures grows with what callers send. Any thread.
 */
public final class KindFigures {

    /** Stands for all kinds, or all organisations, that have no figures of their own; a kind of that very name is among them. */
    public static final String OTHER = "(other)";

    private final int most;
    private final Map<Of, Figures> all = new ConcurrentHashMap<>();
    private final Set<Of> kinds = new HashSet<>();
    private final Set<String> organisations = new HashSet<>();

    /**
     * What the figures are of.
     *
     * @param organisation its id, or {@link #OTHER}
     * @param work {@code workflow} or {@code task}
     * @param kind of the work, or {@link #OTHER}
     */
    public record Of(String organisation, String work, String kind) implements Comparable<Of> {

        @Override
        public int compareTo(Of other) {
            int first = organisation.compareTo(other.organisation);
            int second = first != 0 ? first : work.compareTo(other.work);
            return second != 0 ? second : kind.compareTo(other.kind);
        }
    }

    /** The figures of one kind. */
    static final class Figures {
        private final DurationCounts starts = new DurationCounts();
        private final DurationCounts waits = new DurationCounts();
        private final DurationCounts runs = new DurationCounts();
        private final LongAdder claims = new LongAdder();
        private final LongAdder lost = new LongAdder();

        /** @param ms from the start of a workflow until a worker had it for the first time */
        void started(long ms) {
            starts.add(ms);
        }

        /** @param ms from when it stood ready until a worker had it */
        void claimed(long ms) {
            waits.add(ms);
            claims.increment();
        }

        /** @param ms from when a worker had a task until the attempt ended */
        void ran(long ms) {
            runs.add(ms);
        }

        /** Its worker was not heard of again, or its time was over. */
        void lost() {
            lost.increment();
        }
    }

    /**
     * Figures of one kind as they were at a moment.
     *
     * @param starts from the start of workflows until a worker had them for the first time; null for tasks
     * @param waits from when it stood ready until a worker had it, each time
     * @param runs from when a worker had tasks until the attempt ended; null for workflows
     * @param claims times that a worker got some: attempts of tasks, activations of workflows
     * @param lost times that a claim ended without a word of its worker
     */
    public record Counted(
            DurationCounts.@Nullable Counted starts,
            DurationCounts.Counted waits,
            DurationCounts.@Nullable Counted runs,
            long claims,
            long lost) {}

    /** @param most kinds that have figures of their own, of all organisations together; 0: nothing is counted */
    public KindFigures(int most) {
        this.most = most;
    }

    /** @return whether anything is counted */
    boolean wanted() {
        return most > 0;
    }

    Figures of(UUID orgId, WorkType type, String kind) {
        String work = type.name().toLowerCase(Locale.ROOT);
        Of of = new Of(orgId.toString(), work, kind);
        Figures known = all.get(of);
        return known != null ? known : all.computeIfAbsent(place(of), place -> new Figures());
    }

    private synchronized Of place(Of of) {
        if (kinds.contains(of) || kinds.size() < most) {
            kinds.add(of);
            return of;
        }
        if (organisations.contains(of.organisation()) || organisations.size() < most) {
            organisations.add(of.organisation());
            return new Of(of.organisation(), of.work(), OTHER);
        }
        return new Of(OTHER, of.work(), OTHER);
    }

    /** @return what was counted until now */
    public Map<Of, Counted> counted() {
        Map<Of, Counted> now = new TreeMap<>();
        all.forEach((of, figures) -> {
            boolean task = of.work().equals("task");
            now.put(
                    of,
                    new Counted(
                            task ? null : figures.starts.counted(),
                            figures.waits.counted(),
                            task ? figures.runs.counted() : null,
                            figures.claims.sum(),
                            figures.lost.sum()));
        });
        return now;
    }
}

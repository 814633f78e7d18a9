package io.millrace.infra.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What happens when, all of it made from a seed: the same seed and options give the same plan. Two faults may overlap, but
 * never on one part, and never is more than one node away or asleep, so that somebody serves.
 *
 * @param faults in the order in which they begin
 */
record FaultPlan(List<Planned> faults) {

    private static final int LEAST_PAUSE_MS = 500;
    private static final int MOST_PAUSE_MS = 6_000;
    /** After its time a part needs some to come back, before the next thing happens to it. */
    private static final int REST_MS = 4_000;

    /** Copies the list. */
    FaultPlan {
        faults = List.copyOf(faults);
    }

    /**
     * One fault.
     *
     * @param target number of the node or worker, from 0
     * @param beginMs since the plan began
     * @param lengthMs how long the part stays away or asleep
     */
    record Planned(Fault fault, int target, long beginMs, long lengthMs) {

        private boolean overlaps(Planned later) {
            return fault.part() == later.fault.part() && later.beginMs < beginMs + lengthMs + REST_MS;
        }
    }

    /**
     * @param kinds from which they are drawn
     * @param length in which they begin
     */
    static FaultPlan of(long seed, Set<Fault> kinds, int nodes, Duration length) {
        Random random = new Random(seed);
        List<Fault> drawn = kinds.stream().sorted().toList();
        List<Planned> faults = new ArrayList<>();
        long at = LEAST_PAUSE_MS;
        while (at < length.toMillis()) {
            Fault fault = drawn.get(random.nextInt(drawn.size()));
            Planned next = new Planned(fault, random.nextInt(nodes), at, fault.lengthMs(random));
            if (faults.stream().noneMatch(before -> before.overlaps(next))) {
                faults.add(next);
            }
            at += LEAST_PAUSE_MS + random.nextInt(MOST_PAUSE_MS - LEAST_PAUSE_MS + 1);
        }
        return new FaultPlan(faults);
    }
}

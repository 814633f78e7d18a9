package io.millrace.infra.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What happens when, all of it made from a seed: the same seed and options give the same plan. Two faults may overlap, but
 * never on one part, and never is more than one node away or asleep, so that somebody serves; nor more than one broker of several,
 * unless all of Kafka is away.
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
     * @param broker number of the broker, from 0; that of a machine is the one of its node, if there are so many
     * @param beginMs since the plan began
     * @param lengthMs how long the part stays away or asleep
     */
    record Planned(Fault fault, int target, int broker, long beginMs, long lengthMs) {

        /** @return what it is and to whom it happens, for people */
        String text(int nodes) {
            return switch (fault) {
                        case NODE_KILLED, NODE_STOPPED, NODE_ASLEEP, NODE_CUT_OFF, NODE_DISK_FULL, NODE_CLOCK ->
                            fault.text() + ", node " + target;
                        case KAFKA_KILLED, KAFKA_STOPPED, KAFKA_ASLEEP, BROKER_CUT_OFF, BROKER_CLOCK ->
                            fault.text() + ", broker " + broker;
                        case MACHINE_KILLED, MACHINE_ASLEEP, NODE_BROKER_CUT ->
                            fault.text() + ", node " + target + " and broker " + broker;
                        case NODES_CUT -> fault.text() + ", nodes " + target + " and " + otherNode(nodes);
                        case WORKER_DEAD, WORKER_SILENT, KAFKA_AWAY, DATABASE_KILLED, DATABASE_ASLEEP -> fault.text();
                    }
                    + " for " + lengthMs + " ms";
        }

        /** @return whether a clock goes ahead; otherwise back */
        boolean goesAhead() {
            return lengthMs % 2 == 0;
        }

        /** @return number of the second node of two */
        int otherNode(int nodes) {
            return (target + 1 + broker % (nodes - 1)) % nodes;
        }

        private boolean overlaps(Planned later) {
            return !Collections.disjoint(fault.parts(), later.fault.parts())
                    && later.beginMs < beginMs + lengthMs + REST_MS;
        }
    }

    /**
     * @param kinds from which they are drawn
     * @param length in which they begin
     */
    static FaultPlan of(long seed, Set<Fault> kinds, int nodes, int brokers, Duration length) {
        Random random = new Random(seed);
        Random ofBrokers = new Random(~seed);
        List<Fault> drawn = kinds.stream().sorted().toList();
        List<Planned> faults = new ArrayList<>();
        long at = LEAST_PAUSE_MS;
        while (at < length.toMillis()) {
            Fault fault = drawn.get(random.nextInt(drawn.size()));
            int node = random.nextInt(nodes);
            int drawnBroker = ofBrokers.nextInt(brokers);
            int broker = fault == Fault.MACHINE_KILLED || fault == Fault.MACHINE_ASLEEP ? node % brokers : drawnBroker;
            Planned next = new Planned(fault, node, broker, at, fault.lengthMs(random));
            if (faults.stream().noneMatch(before -> before.overlaps(next))) {
                faults.add(next);
            }
            at += LEAST_PAUSE_MS + random.nextInt(MOST_PAUSE_MS - LEAST_PAUSE_MS + 1);
        }
        return new FaultPlan(faults);
    }
}

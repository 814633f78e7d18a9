package io.millrace.infra.torture;

import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/** What may happen to a part of an installation. */
enum Fault {
    NODE_KILLED(Set.of(Part.NODE), 0, 5_000, "kill -9 of a node"),
    NODE_STOPPED(Set.of(Part.NODE), 0, 3_000, "orderly stop of a node"),
    NODE_ASLEEP(Set.of(Part.NODE), 500, 15_000, "a node stands still"),
    WORKER_DEAD(Set.of(Part.WORKER), 0, 2_000, "a worker dies with work in its hands"),
    KAFKA_KILLED(Set.of(Part.KAFKA), 0, 4_000, "kill -9 of a broker"),
    KAFKA_ASLEEP(Set.of(Part.KAFKA), 500, 10_000, "a broker stands still"),
    KAFKA_AWAY(Set.of(Part.KAFKA), 15_000, 45_000, "all of Kafka is away for long"),
    DATABASE_KILLED(Set.of(Part.DATABASE), 0, 1, "kill -9 of PostgreSQL"),
    DATABASE_ASLEEP(Set.of(Part.DATABASE), 500, 10_000, "PostgreSQL stands still"),
    KAFKA_STOPPED(Set.of(Part.KAFKA), 0, 3_000, "orderly stop of a broker"),
    MACHINE_KILLED(Set.of(Part.NODE, Part.KAFKA), 0, 8_000, "kill -9 of a node and a broker together"),
    MACHINE_ASLEEP(Set.of(Part.NODE, Part.KAFKA), 500, 15_000, "a node and a broker stand still together"),
    NODE_CUT_OFF(Set.of(Part.NODE), 1_000, 20_000, "a node is cut off from all brokers"),
    NODE_BROKER_CUT(Set.of(Part.NODE), 1_000, 20_000, "a node is cut off from one broker"),
    NODES_CUT(Set.of(Part.NODE), 1_000, 20_000, "two nodes are cut off from each other"),
    BROKER_CUT_OFF(Set.of(Part.KAFKA), 1_000, 20_000, "a broker is cut off from all others"),
    NODE_DISK_FULL(Set.of(Part.NODE), 1_000, 15_000, "the disk of a node is full"),
    NODE_CLOCK(Set.of(Part.NODE), 2_000, 20_000, "the clock of a node jumps by an hour, and back"),
    BROKER_CLOCK(Set.of(Part.KAFKA), 2_000, 20_000, "the clock of a broker jumps by 20 s, and back"),
    WORKER_SILENT(Set.of(Part.WORKER), 500, 20_000, "a worker is neither heard nor hears");

    /** Those for which links have to be cut. */
    static final Set<Fault> OF_LINKS = Set.copyOf(EnumSet.range(NODE_CUT_OFF, BROKER_CUT_OFF));

    /** Those for which nodes have to have disks of their own. */
    static final Set<Fault> OF_DISKS = Set.of(NODE_DISK_FULL);

    /** Those for which processes have to have clocks of their own. */
    static final Set<Fault> OF_CLOCKS = Set.of(NODE_CLOCK, BROKER_CLOCK);

    /** Whom it happens to. */
    enum Part {
        NODE("a node"),
        WORKER("a worker"),
        KAFKA("Kafka"),
        DATABASE("PostgreSQL");

        private final String text;

        Part(String text) {
            this.text = text;
        }

        /** @return what it is, for people */
        String text() {
            return text;
        }
    }

    private final Set<Part> parts;
    private final int leastMs;
    private final int mostMs;
    private final String text;

    Fault(Set<Part> parts, int leastMs, int mostMs, String text) {
        this.parts = parts;
        this.leastMs = leastMs;
        this.mostMs = mostMs;
        this.text = text;
    }

    /** @return those that are not well while it lasts */
    Set<Part> parts() {
        return parts;
    }

    /** @return how long the part stays so, milliseconds; what is killed is started again then */
    int lengthMs(Random random) {
        return leastMs + random.nextInt(mostMs - leastMs + 1);
    }

    /** @return what it is, for people */
    String text() {
        return text;
    }
}

package io.millrace.infra.torture;

import java.util.Random;

/** What may happen to a part of an installation. */
enum Fault {
    NODE_KILLED(Part.NODE, 0, 5_000, "kill -9 of a node"),
    NODE_STOPPED(Part.NODE, 0, 3_000, "orderly stop of a node"),
    NODE_ASLEEP(Part.NODE, 500, 15_000, "a node stands still"),
    WORKER_DEAD(Part.WORKER, 0, 2_000, "a worker dies with work in its hands"),
    KAFKA_KILLED(Part.KAFKA, 0, 4_000, "kill -9 of Kafka"),
    KAFKA_ASLEEP(Part.KAFKA, 500, 10_000, "Kafka stands still"),
    KAFKA_AWAY(Part.KAFKA, 15_000, 45_000, "Kafka is away for long"),
    DATABASE_KILLED(Part.DATABASE, 0, 1, "kill -9 of PostgreSQL"),
    DATABASE_ASLEEP(Part.DATABASE, 500, 10_000, "PostgreSQL stands still");

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

    private final Part part;
    private final int leastMs;
    private final int mostMs;
    private final String text;

    Fault(Part part, int leastMs, int mostMs, String text) {
        this.part = part;
        this.leastMs = leastMs;
        this.mostMs = mostMs;
        this.text = text;
    }

    Part part() {
        return part;
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

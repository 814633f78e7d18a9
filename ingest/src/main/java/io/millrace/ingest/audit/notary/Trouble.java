package io.millrace.ingest.audit.notary;

import io.millrace.proto.kafka.Outage;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Trouble with one partition, which holds up no other: it is said once, and what failed is tried again after ever longer rests. One
 * thread.
 */
final class Trouble {

    private static final long FIRST_REST_NANOS = Duration.ofMillis(200).toNanos();
    /** Well above the time after which a call to Kafka is given up, so that the others have most of the time. */
    private static final long LONGEST_REST_NANOS = Duration.ofMinutes(1).toNanos();

    private final Outage outage;
    private long restNanos;
    private long triedNanos = System.nanoTime();

    /** @param what text for the log, which says what fails */
    Trouble(String what) {
        outage = new Outage(what);
    }

    /**
     * Whether a failure is one of the database as a whole, such as one that is away. Then no partition goes on.
     *
     * @param failure whatever was thrown
     */
    static boolean ofAll(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                String state = sql.getSQLState();
                // No connection; no resources; ended by its operator.
                return state == null || state.startsWith("08") || state.startsWith("53") || state.startsWith("57");
            }
        }
        return false;
    }

    /** It has failed. */
    void failed(Throwable cause) {
        outage.failed(cause);
        triedNanos = System.nanoTime();
        restNanos = Math.clamp(2 * restNanos, FIRST_REST_NANOS, LONGEST_REST_NANOS);
    }

    /** It was done. The trouble is over once all went well for longer than it rested. */
    void well() {
        if (restNanos > 0 && System.nanoTime() - triedNanos > 2 * restNanos) {
            restNanos = 0;
            outage.over();
        }
    }

    /** @return whether there is any */
    boolean stands() {
        return restNanos > 0;
    }

    /** @return whether nothing is to be tried yet */
    boolean rests() {
        return System.nanoTime() - triedNanos < restNanos;
    }
}

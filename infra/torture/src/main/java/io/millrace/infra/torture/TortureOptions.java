package io.millrace.infra.torture;

import java.time.Duration;
import java.util.Set;

/**
 * How long and how hard.
 *
 * @param length in which faults begin
 * @param seed from which faults and orders are drawn
 * @param nodes how many there are, at least two
 * @param rate orders started in a second
 * @param faults kinds of faults
 * @param patience how long the last order may take to end, once all parts are well again
 */
record TortureOptions(Duration length, long seed, int nodes, int rate, Set<Fault> faults, Duration patience) {

    /** Copies the set. */
    TortureOptions {
        faults = Set.copyOf(faults);
    }
}

package io.millrace.infra.torture;

import java.time.Duration;
import java.util.Set;

/**
 * How long and how hard.
 *
 * @param length in which faults begin
 * @param seed from which faults and orders are drawn
 * @param nodes how many there are, at least two
 * @param brokers how many there are; three and more copy each other's records
 * @param rate orders started in a second
 * @param faults kinds of faults
 * @param rolling whether, in place of faults, the nodes are restarted in turn behind a balancer, once at the least
 * @param patience how long the last order may take to end, once all parts are well again
 */
record TortureOptions(
        Duration length,
        long seed,
        int nodes,
        int brokers,
        int rate,
        Set<Fault> faults,
        boolean rolling,
        Duration patience) {

    /** Copies the set. */
    TortureOptions {
        faults = Set.copyOf(faults);
    }
}

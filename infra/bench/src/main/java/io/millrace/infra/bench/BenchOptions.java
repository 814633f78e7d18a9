package io.millrace.infra.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How a benchmark runs.
 *
 * @param rates open loop: requests a second, one run each
 * @param inFlight closed loop: workflows under way at a time, one run each
 * @param crowds idle subscriptions, one run each
 * @param count a number of things, for benchmarks that ask for one
 * @param warmUp length of the round that is not measured, seconds: a JVM with Kafka, server and clients takes long to
 *     compile
 * @param seconds length of a measured round, seconds
 * @param rounds number of measured rounds
 * @param turns file by which benchmarks of several builds take turns, round by round
 */
public record BenchOptions(
        List<Integer> rates,
        List<Integer> inFlight,
        List<Integer> crowds,
        int count,
        int warmUp,
        int seconds,
        int rounds,
        Optional<Path> turns) {

    /** @return length of the round, seconds; round 0 warms up */
    int seconds(int round) {
        return round == 0 ? warmUp : seconds;
    }
}

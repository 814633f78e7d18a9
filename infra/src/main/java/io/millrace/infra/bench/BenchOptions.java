package io.millrace.infra.bench;

import java.util.List;

/**
 * How a benchmark runs.
 *
 * @param rates open loop: requests a second, one run each
 * @param inFlight closed loop: workflows under way at a time, one run each
 * @param crowds idle subscriptions, one run each
 * @param count how many things there are, where a benchmark asks for a number
 * @param seconds length of a round
 * @param rounds measured rounds, after one that warms up
 */
public record BenchOptions(
        List<Integer> rates, List<Integer> inFlight, List<Integer> crowds, int count, int seconds, int rounds) {}

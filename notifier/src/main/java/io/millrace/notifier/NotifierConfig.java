package io.millrace.notifier;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * Settings of the notifier. What decides an outcome (leases, deliveries) is stamped into every claim.
 *
 * @param bootstrapServers Kafka brokers from which to read {@code millrace.work-available}; empty: the topic is not read
 *     and only the dispatcher of this process is heard
 * @param kafkaProperties further properties of that consumer, such as credentials
 * @param localDispatcher whether a dispatcher of this process feeds the notifier directly, so that records of the own
 *     node on the topic say nothing new
 * @param workflowLease how long a worker may hold a workflow execution
 * @param taskLease how long a worker may hold a task
 * @param taskLongest how long the lease of a task is renewed while its worker stays connected, at the most
 * @param maxDeliveries deliveries after which work fails instead of being handed out again
 * @param maxHold how long a poll is held at the most
 * @param serialHold how long a poll of a serial poller is held at the most
 * @param serialWindow how long what was seen of a worker's polls counts
 * @param escalationDelay how long a woken subscriber has, at the least, before another is woken in its place
 * @param escalationPause how long, after all subscribers were woken in vain, until a repeated level wakes them again
 * @param claimsInFlight claim commands of one queue to one partition that may be unanswered at a time
 * @param claimsPerCommand claims that travel in one command at the most
 * @param minRetryDelay least pause of a partition whose claim failed
 * @param maxRetryDelay longest pause of a partition whose claim failed
 * @param claimPatience how long the answer to a claim is waited for before its poll may claim elsewhere too, and how long
 *     a poll whose time is over still waits for that answer
 * @param workerReturn how long a worker that waited for work when its connection ended has to come back before others get
 *     the work in its hands
 * @param workerSilence the same for a worker that did not: it is busy, and comes back when it has done its work
 */
public record NotifierConfig(
        String bootstrapServers,
        Map<String, Object> kafkaProperties,
        boolean localDispatcher,
        Duration workflowLease,
        Duration taskLease,
        Duration taskLongest,
        int maxDeliveries,
        Duration maxHold,
        Duration serialHold,
        Duration serialWindow,
        Duration escalationDelay,
        Duration escalationPause,
        int claimsInFlight,
        int claimsPerCommand,
        Duration minRetryDelay,
        Duration maxRetryDelay,
        Duration claimPatience,
        Duration workerReturn,
        Duration workerSilence) {

    /** @throws IllegalArgumentException if a number or a duration is out of its range */
    public NotifierConfig {
        Objects.requireNonNull(bootstrapServers, "bootstrapServers");
        kafkaProperties = Map.copyOf(kafkaProperties);
        positive("workflowLease", workflowLease);
        positive("taskLease", taskLease);
        positive("taskLongest", taskLongest);
        positive("maxHold", maxHold);
        positive("serialHold", serialHold);
        positive("serialWindow", serialWindow);
        positive("escalationDelay", escalationDelay);
        positive("escalationPause", escalationPause);
        positive("minRetryDelay", minRetryDelay);
        positive("maxRetryDelay", maxRetryDelay);
        positive("claimPatience", claimPatience);
        positive("workerReturn", workerReturn);
        positive("workerSilence", workerSilence);
        atLeastOne("maxDeliveries", maxDeliveries);
        atLeastOne("claimsInFlight", claimsInFlight);
        atLeastOne("claimsPerCommand", claimsPerCommand);
        if (maxRetryDelay.compareTo(minRetryDelay) < 0) {
            throw new IllegalArgumentException("expected maxRetryDelay to be at least minRetryDelay, " + minRetryDelay
                    + ", but it is " + maxRetryDelay);
        }
    }

    /** @return the settings used where nothing else is said; the topic is not read */
    public static NotifierConfig defaults() {
        return new NotifierConfig(
                "",
                Map.of(),
                true,
                Duration.ofSeconds(120),
                Duration.ofSeconds(330),
                Duration.ofHours(24),
                10,
                Duration.ofSeconds(60),
                Duration.ofMillis(200),
                Duration.ofSeconds(60),
                Duration.ofMillis(5),
                Duration.ofMillis(100),
                2,
                64,
                Duration.ofMillis(50),
                Duration.ofMillis(200),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(60));
    }

    /** @return the same, but reading the topic from these brokers */
    public NotifierConfig withTopic(String servers, Map<String, Object> properties, boolean dispatcherInProcess) {
        return new NotifierConfig(servers, properties, dispatcherInProcess, workflowLease, taskLease, taskLongest,
                maxDeliveries, maxHold, serialHold, serialWindow, escalationDelay, escalationPause, claimsInFlight,
                claimsPerCommand, minRetryDelay, maxRetryDelay, claimPatience, workerReturn, workerSilence);
    }

    /** @return the same with other leases and another cap on deliveries */
    public NotifierConfig withLeases(Duration workflow, Duration task, Duration longest, int deliveries) {
        return new NotifierConfig(bootstrapServers, kafkaProperties, localDispatcher, workflow, task, longest,
                deliveries, maxHold, serialHold, serialWindow, escalationDelay, escalationPause, claimsInFlight,
                claimsPerCommand, minRetryDelay, maxRetryDelay, claimPatience, workerReturn, workerSilence);
    }

    /** @return the same with another longest hold of polls */
    public NotifierConfig withMaxHold(Duration hold) {
        return new NotifierConfig(bootstrapServers, kafkaProperties, localDispatcher, workflowLease, taskLease,
                taskLongest, maxDeliveries, hold, serialHold, serialWindow, escalationDelay, escalationPause,
                claimsInFlight, claimsPerCommand, minRetryDelay, maxRetryDelay, claimPatience, workerReturn,
                workerSilence);
    }

    /** @return the same with another patience for answers to claims */
    public NotifierConfig withClaimPatience(Duration patience) {
        return new NotifierConfig(bootstrapServers, kafkaProperties, localDispatcher, workflowLease, taskLease,
                taskLongest, maxDeliveries, maxHold, serialHold, serialWindow, escalationDelay, escalationPause,
                claimsInFlight, claimsPerCommand, minRetryDelay, maxRetryDelay, patience, workerReturn, workerSilence);
    }

    /** @return the same with other times for workers to come back: those that waited for work, and those that were busy */
    public NotifierConfig withWorkerReturn(Duration waiting, Duration busy) {
        return new NotifierConfig(bootstrapServers, kafkaProperties, localDispatcher, workflowLease, taskLease,
                taskLongest, maxDeliveries, maxHold, serialHold, serialWindow, escalationDelay, escalationPause,
                claimsInFlight, claimsPerCommand, minRetryDelay, maxRetryDelay, claimPatience, waiting, busy);
    }

    /** @return the same with other delays of wake-ups */
    public NotifierConfig withEscalation(Duration delay, Duration pause) {
        return new NotifierConfig(bootstrapServers, kafkaProperties, localDispatcher, workflowLease, taskLease,
                taskLongest, maxDeliveries, maxHold, serialHold, serialWindow, delay, pause, claimsInFlight,
                claimsPerCommand, minRetryDelay, maxRetryDelay, claimPatience, workerReturn, workerSilence);
    }

    /** @return the same with another hold of serial pollers */
    public NotifierConfig withSerialHold(Duration hold) {
        return new NotifierConfig(bootstrapServers, kafkaProperties, localDispatcher, workflowLease, taskLease,
                taskLongest, maxDeliveries, maxHold, hold, serialWindow, escalationDelay, escalationPause,
                claimsInFlight, claimsPerCommand, minRetryDelay, maxRetryDelay, claimPatience, workerReturn,
                workerSilence);
    }

    /** @return the same with another number of claim commands under way and claims within each */
    public NotifierConfig withClaims(int inFlight, int perCommand) {
        return new NotifierConfig(bootstrapServers, kafkaProperties, localDispatcher, workflowLease, taskLease,
                taskLongest, maxDeliveries, maxHold, serialHold, serialWindow, escalationDelay, escalationPause,
                inFlight, perCommand, minRetryDelay, maxRetryDelay, claimPatience, workerReturn, workerSilence);
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException("expected " + name + " to be longer than nothing, but it is " + value);
        }
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("expected " + name + " to be at least 1, but it is " + value);
        }
    }
}

package io.millrace.notifier.config;

import io.millrace.proto.v1.Binding;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * Settings of the notifier. What decides an outcome (leases, deliveries) is stamped into every claim. Immutable.
 *
 * @param source where levels are read from
 * @param leases how long work is a worker's
 * @param holds how long polls are held
 * @param escalation when another subscriber is woken
 * @param claims how claims are written
 * @param workerReturn how long a worker whose connection ended has to come back
 * @param binding by what the holder of work is told from others
 */
public record NotifierConfig(
        LevelSource source,
        Leases leases,
        Holds holds,
        Escalation escalation,
        Claims claims,
        WorkerReturn workerReturn,
        Binding binding) {

    /** @throws IllegalArgumentException if there is no binding */
    public NotifierConfig {
        if (binding != Binding.PRINCIPAL && binding != Binding.CREDENTIAL) {
            throw new IllegalArgumentException("expected PRINCIPAL or CREDENTIAL as binding, but it is " + binding);
        }
    }

    /**
     * Where levels are read from.
     *
     * @param bootstrapServers Kafka brokers from which to read {@code millrace.work-available}; empty: the topic is not read
     *     and only the dispatcher of this process is heard
     * @param kafkaProperties further properties of that consumer, such as credentials
     * @param localDispatcher whether a dispatcher of this process feeds the notifier directly, so that records of the own
     *     node on the topic say nothing new
     */
    public record LevelSource(String bootstrapServers, Map<String, Object> kafkaProperties, boolean localDispatcher) {

        /** Takes a copy of the properties. */
        public LevelSource {
            Objects.requireNonNull(bootstrapServers, "bootstrapServers");
            kafkaProperties = Map.copyOf(kafkaProperties);
        }
    }

    /**
     * How long work is a worker's.
     *
     * @param workflow how long a worker may hold a workflow execution
     * @param task how long a worker may hold a task
     * @param taskLongest how long the lease of a task is renewed while its worker stays connected, at the most
     * @param maxDeliveries deliveries after which work fails instead of being handed out again
     */
    public record Leases(Duration workflow, Duration task, Duration taskLongest, int maxDeliveries) {

        /** @throws IllegalArgumentException if a number or a duration is out of its range */
        public Leases {
            positive("leases.workflow", workflow);
            positive("leases.task", task);
            positive("leases.taskLongest", taskLongest);
            atLeastOne("leases.maxDeliveries", maxDeliveries);
        }

        /** @return the longer one of the leases as they are given */
        public Duration longest() {
            return task.compareTo(workflow) > 0 ? task : workflow;
        }
    }

    /**
     * How long polls are held.
     *
     * @param longest how long a poll is held at the most
     * @param serial how long a poll of a serial poller is held at the most
     * @param serialWindow how long what was seen of a worker's polls counts
     */
    public record Holds(Duration longest, Duration serial, Duration serialWindow) {

        /** @throws IllegalArgumentException if a duration is out of its range */
        public Holds {
            positive("holds.longest", longest);
            positive("holds.serial", serial);
            positive("holds.serialWindow", serialWindow);
        }
    }

    /**
     * When another subscriber is woken.
     *
     * @param delay how long a woken subscriber has, at the least, before another is woken in its place
     * @param pause how long, after all subscribers were woken in vain, until a repeated level wakes them again
     */
    public record Escalation(Duration delay, Duration pause) {

        /** @throws IllegalArgumentException if a duration is out of its range */
        public Escalation {
            positive("escalation.delay", delay);
            positive("escalation.pause", pause);
        }
    }

    /**
     * How claims are written.
     *
     * @param inFlight claim commands of one queue to one partition that may be unanswered at a time
     * @param perCommand claims that travel in one command at the most
     * @param minRetryDelay least pause of a partition whose claim failed
     * @param maxRetryDelay longest pause of a partition whose claim failed
     * @param patience how long the answer to a claim is waited for before its poll may claim elsewhere too. A poll
     *     whose time is over still waits as long for that answer
     */
    public record Claims(
            int inFlight, int perCommand, Duration minRetryDelay, Duration maxRetryDelay, Duration patience) {

        /** @throws IllegalArgumentException if a number or a duration is out of its range */
        public Claims {
            atLeastOne("claims.inFlight", inFlight);
            atLeastOne("claims.perCommand", perCommand);
            positive("claims.minRetryDelay", minRetryDelay);
            positive("claims.maxRetryDelay", maxRetryDelay);
            positive("claims.patience", patience);
            if (maxRetryDelay.compareTo(minRetryDelay) < 0) {
                throw new IllegalArgumentException("expected claims.maxRetryDelay to be at least claims.minRetryDelay, "
                        + minRetryDelay + ", but it is " + maxRetryDelay);
            }
        }
    }

    /**
     * How long a worker whose connection ended has to come back before others get the work in its hands.
     *
     * @param waiting if it waited for work when the connection ended
     * @param busy if it did not: it is busy, and comes back when it has done its work
     */
    public record WorkerReturn(Duration waiting, Duration busy) {

        /** @throws IllegalArgumentException if a duration is out of its range */
        public WorkerReturn {
            positive("workerReturn.waiting", waiting);
            positive("workerReturn.busy", busy);
        }
    }

    /** @return the settings used where nothing else is said; the topic is not read */
    public static NotifierConfig defaults() {
        return new NotifierConfig(
                new LevelSource("", Map.of(), true),
                new Leases(Duration.ofSeconds(120), Duration.ofSeconds(330), Duration.ofHours(24), 10),
                new Holds(Duration.ofSeconds(60), Duration.ofMillis(200), Duration.ofSeconds(60)),
                new Escalation(Duration.ofMillis(5), Duration.ofMillis(100)),
                new Claims(2, 64, Duration.ofMillis(50), Duration.ofMillis(200), Duration.ofSeconds(1)),
                new WorkerReturn(Duration.ofSeconds(3), Duration.ofSeconds(60)),
                Binding.PRINCIPAL);
    }

    /** @return the same, but reading the topic from these brokers */
    public NotifierConfig withTopic(String servers, Map<String, Object> properties, boolean dispatcherInProcess) {
        return new NotifierConfig(
                new LevelSource(servers, properties, dispatcherInProcess),
                leases,
                holds,
                escalation,
                claims,
                workerReturn,
                binding);
    }

    /** @return the same with other leases and another cap on deliveries */
    public NotifierConfig withLeases(Duration workflow, Duration task, Duration longest, int deliveries) {
        return new NotifierConfig(
                source,
                new Leases(workflow, task, longest, deliveries),
                holds,
                escalation,
                claims,
                workerReturn,
                binding);
    }

    /** @return the same with another longest hold of polls */
    public NotifierConfig withMaxHold(Duration hold) {
        return withHolds(new Holds(hold, holds.serial(), holds.serialWindow()));
    }

    /** @return the same with another hold of serial pollers */
    public NotifierConfig withSerialHold(Duration hold) {
        return withHolds(new Holds(holds.longest(), hold, holds.serialWindow()));
    }

    private NotifierConfig withHolds(Holds these) {
        return new NotifierConfig(source, leases, these, escalation, claims, workerReturn, binding);
    }

    /** @return the same with other delays of wake-ups */
    public NotifierConfig withEscalation(Duration delay, Duration pause) {
        return new NotifierConfig(source, leases, holds, new Escalation(delay, pause), claims, workerReturn, binding);
    }

    /** @return the same with another number of claim commands under way and claims within each */
    public NotifierConfig withClaims(int inFlight, int perCommand) {
        return withClaims(
                new Claims(inFlight, perCommand, claims.minRetryDelay(), claims.maxRetryDelay(), claims.patience()));
    }

    /** @return the same with another patience for answers to claims */
    public NotifierConfig withClaimPatience(Duration patience) {
        return withClaims(new Claims(
                claims.inFlight(), claims.perCommand(), claims.minRetryDelay(), claims.maxRetryDelay(), patience));
    }

    private NotifierConfig withClaims(Claims these) {
        return new NotifierConfig(source, leases, holds, escalation, these, workerReturn, binding);
    }

    /** @return the same with other times for workers to come back: those that waited for work, and those that were busy */
    public NotifierConfig withWorkerReturn(Duration waiting, Duration busy) {
        return new NotifierConfig(source, leases, holds, escalation, claims, new WorkerReturn(waiting, busy), binding);
    }

    /** @return the same, with holders of work told from others by this */
    public NotifierConfig withBinding(Binding by) {
        return new NotifierConfig(source, leases, holds, escalation, claims, workerReturn, by);
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

package io.millrace.notifier;

import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.millrace.notifier.call.Polls;
import io.millrace.notifier.call.Subscriptions;
import io.millrace.notifier.claim.ClaimIds;
import io.millrace.notifier.claim.HandedOut;
import io.millrace.notifier.claim.LoggedClaims;
import io.millrace.notifier.claim.RidingClaims;
import io.millrace.notifier.config.Counters;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.notifier.config.NotifierStats;
import io.millrace.notifier.connection.Connections;
import io.millrace.notifier.connection.Departures;
import io.millrace.notifier.connection.Identities;
import io.millrace.notifier.connection.Presence;
import io.millrace.notifier.connection.Renewals;
import io.millrace.notifier.connection.Returns;
import io.millrace.notifier.queue.QueueIndex;
import io.millrace.notifier.queue.Wakeable;
import io.millrace.proto.call.StrictCalls;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.levels.LevelSink;
import io.millrace.proto.log.CommandLog;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.log.Riders;
import io.millrace.proto.reads.TaskHomes;
import io.millrace.proto.thread.Recurring;
import io.millrace.proto.trace.Spans;
import io.millrace.proto.v1.WorkAvailable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Stream;

/**
 * Brings ready work and waiting workers together: parked polls, subscriptions, and the claims between. It keeps nothing
 * that cannot be heard again: levels are repeated by the dispatchers, workers come back.
 *
 * <p>Safe from any thread. {@link #offer} and the gRPC methods never block.
 */
public final class Notifier implements LevelSink, AutoCloseable {

    /** How often the open polls are noted as signs of life of their workers. */
    private static final Duration PRESENCE = Duration.ofSeconds(5);

    private final Counters counters = new Counters();
    private final ScheduledThreadPoolExecutor timer;
    private final QueueIndex index;
    private final Riders riders;
    private final Renewals renewals;
    private final Polls polls;
    private final Connections connections;
    private final Subscriptions subscriptions;
    private final RefusedRequests refused;
    private final Optional<LevelTopic> topic;

    /**
     * @param log where claims are written; stays the caller's to close
     * @param directory where the kinds of the workers stand; stays the caller's to close
     * @param places where the executions of tasks that are handed out are remembered
     * @param refused where refused polls and subscriptions are noted; stays the caller's to close
     * @param spans where spans of this node go
     */
    public Notifier(
            NotifierConfig config,
            CommandLog log,
            Directory directory,
            TaskHomes places,
            RefusedRequests refused,
            Spans spans) {
        this.refused = refused;
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "millrace-notifier-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        HandedOut handedOut = new HandedOut();
        ClaimIds claimIds = new ClaimIds(log.node());
        LoggedClaims claims = new LoggedClaims(config, log, claimIds, handedOut, counters);
        index = new QueueIndex(config, counters, timer, claims);
        renewals = new Renewals(
                log, directory, timer, config.leases().task(), config.leases().taskLongest());
        Riders riding = new RidingClaims(index, claims, handedOut);
        riders = (partition, command) -> {
            renewals.reported(command);
            return riding.board(partition, command);
        };
        Identities identities = new Identities(directory);
        Presence presence = new Presence(directory);
        Recurring.start(timer, PRESENCE, PRESENCE, "could not say which workers are here", presence::refresh);
        Returns returns = new Returns(
                log,
                claimIds.process(),
                timer,
                renewals::hasTaskOf,
                worker -> worker.livesElsewhere(directory),
                config.leases().longest());
        polls = new Polls(
                config,
                index,
                identities,
                presence,
                claims,
                places,
                renewals,
                returns,
                refused,
                log.partitions(),
                spans,
                counters);
        connections = new Connections(
                new Departures(
                        log,
                        directory,
                        presence,
                        timer,
                        config.workerReturn().waiting(),
                        config.workerReturn().busy()),
                returns);
        subscriptions = new Subscriptions(index, identities, presence, refused, counters);
        topic = config.source().bootstrapServers().isEmpty()
                ? Optional.empty()
                : Optional.of(new LevelTopic(
                        config.source().bootstrapServers(),
                        config.source().kafkaProperties(),
                        config.source().localDispatcher() ? Optional.of(log.node()) : Optional.empty(),
                        this));
    }

    /** Begins to read the topic of levels, where the settings name brokers. */
    public void start() {
        topic.ifPresent(LevelTopic::start);
    }

    /**
     * @return whether, within the time, every level that any dispatcher says from now on is sure to be heard; true at once
     *     where the topic is not read
     */
    public boolean awaitReady(Duration longest) throws InterruptedException {
        return topic.isEmpty() || topic.get().awaitReady(longest);
    }

    /** @return why this node hears no levels of other nodes; empty while it does, or where the topic is not read */
    public Optional<String> notReady() {
        return topic.flatMap(LevelTopic::standsStill);
    }

    /**
     * @return PollWorkflow and SubscribeToNotifications of WorkflowDispatch, PollTask of TaskExecution, for a server whose
     *     interceptor sets {@link io.millrace.proto.auth.Caller#KEY}
     */
    public List<ServerServiceDefinition> services() {
        return Stream.of(
                        ServerServiceDefinition.builder(WorkflowDispatchGrpc.SERVICE_NAME)
                                .addMethod(
                                        WorkflowDispatchGrpc.getPollWorkflowMethod(),
                                        ServerCalls.asyncUnaryCall(polls::pollWorkflow))
                                .addMethod(WorkflowDispatchGrpc.getSubscribeToNotificationsMethod(), subscriptions)
                                .build(),
                        ServerServiceDefinition.builder(TaskExecutionGrpc.SERVICE_NAME)
                                .addMethod(
                                        TaskExecutionGrpc.getPollTaskMethod(),
                                        ServerCalls.asyncUnaryCall(polls::pollTask))
                                .build())
                .map(service -> StrictCalls.of(ServerInterceptors.intercept(service, connections), refused))
                .toList();
    }

    /**
     * @return what must be added to the server of the services. By it the notifier sees connections end, and gives the
     *     work of workers who do not come back to others. It must also intercept the registration of workers
     */
    public Connections connections() {
        return connections;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the level names no organisation, type of work or partition
     */
    @Override
    public boolean offer(WorkAvailable level) {
        return index.level(level);
    }

    /** @return those who wait here, for the command log of this process: their claims ride on commands that bring work */
    public Riders riders() {
        return riders;
    }

    /** @return what was done so far and what waits now */
    public NotifierStats stats() {
        return counters.snapshot(index.size());
    }

    /**
     * Ends open polls, and any that still come, with an empty answer, and subscriptions with UNAVAILABLE. New subscriptions
     * should no longer be let in.
     */
    @Override
    public void close() {
        topic.ifPresent(LevelTopic::close);
        renewals.close();
        index.close().forEach(Wakeable::end);
        timer.shutdownNow();
    }
}

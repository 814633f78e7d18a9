package io.millrace.notifier.call;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.millrace.notifier.config.Counters;
import io.millrace.notifier.config.NotifierConfig;
import io.millrace.notifier.connection.Connection;
import io.millrace.notifier.connection.Identities;
import io.millrace.notifier.connection.Identity;
import io.millrace.notifier.connection.Presence;
import io.millrace.notifier.connection.Renewals;
import io.millrace.notifier.connection.Returns;
import io.millrace.notifier.connection.WorkerId;
import io.millrace.notifier.queue.ClaimDesk;
import io.millrace.notifier.queue.ClaimHolder;
import io.millrace.notifier.queue.KindFilter;
import io.millrace.notifier.queue.Listener;
import io.millrace.notifier.queue.Poll;
import io.millrace.notifier.queue.QueueIndex;
import io.millrace.notifier.queue.WorkQueue;
import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.InForce;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.flovyn.v1.PollResponse;
import io.millrace.proto.flovyn.v1.PollTaskRequest;
import io.millrace.proto.flovyn.v1.PollTaskResponse;
import io.millrace.proto.flovyn.v1.TaskExecutionGrpc;
import io.millrace.proto.flovyn.v1.TaskExecutionInfo;
import io.millrace.proto.flovyn.v1.WorkflowDispatchGrpc;
import io.millrace.proto.log.RefusedRequests;
import io.millrace.proto.reads.TaskHomes;
import io.millrace.proto.trace.Spans;
import io.millrace.proto.v1.ReplyRecord.WorkClaimed;
import io.millrace.proto.v1.WorkType;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * PollWorkflow and PollTask. A poll is answered as soon as there is work that fits. When its time is over it is
 * answered empty, which is not an error. Never blocks the calling thread.
 */
public final class Polls {

    private static final String POLL_WORKFLOW =
            WorkflowDispatchGrpc.getPollWorkflowMethod().getFullMethodName();
    private static final String POLL_TASK =
            TaskExecutionGrpc.getPollTaskMethod().getFullMethodName();

    /** Holds are shortened by up to this part, so that workers which began together do not come back together. */
    private static final double JITTER = 0.05;

    /**
     * How long a serial poller is held whose thread is likely to be wanted for something else. An SDK with one thread polls both
     * types before its client has its turn.
     */
    private static final Duration WANTED_HOLD = Duration.ofMillis(10);

    private final NotifierConfig config;
    private final QueueIndex index;
    private final Identities identities;
    private final Presence presence;
    private final ClaimDesk claims;
    private final TaskHomes places;
    private final Renewals renewals;
    private final Returns returns;
    private final RefusedRequests refused;
    private final Counters counters;
    private final int partitions;
    private final Spans spans;
    private final Sightings sightings;

    /**
     * @param identities tell who polls
     * @param presence notes who does
     * @param places where to remember the executions of tasks that are handed out
     * @param renewals hears of tasks that are handed out
     * @param returns hears of workers that poll
     * @param refused where refused polls are noted
     * @param partitions number of partitions that work stands in
     * @param spans tell within which span a worker works
     */
    public Polls(
            NotifierConfig config,
            QueueIndex index,
            Identities identities,
            Presence presence,
            ClaimDesk claims,
            TaskHomes places,
            Renewals renewals,
            Returns returns,
            RefusedRequests refused,
            int partitions,
            Spans spans,
            Counters counters) {
        this.config = config;
        this.index = index;
        this.identities = identities;
        this.presence = presence;
        this.claims = claims;
        this.places = places;
        this.renewals = renewals;
        this.returns = returns;
        this.refused = refused;
        this.partitions = partitions;
        this.spans = spans;
        this.counters = counters;
        this.sightings = new Sightings(config.holds().serialWindow().toMillis());
    }

    /** Serves PollWorkflow. */
    public void pollWorkflow(PollRequest request, StreamObserver<PollResponse> observer) {
        try {
            WorkQueue key = new QueueRequest(
                            POLL_WORKFLOW, request.getOrgId(), request.getQueue(), request.getWorkerId())
                    .queueOf(WorkType.WORKFLOW, refused);
            open(
                    key,
                    request.getWorkerId(),
                    request.getTimeoutSeconds(),
                    observer,
                    this::workflow,
                    PollResponse.getDefaultInstance());
        } catch (StatusRuntimeException refusal) {
            observer.onError(refusal);
        }
    }

    /** Serves PollTask. */
    public void pollTask(PollTaskRequest request, StreamObserver<PollTaskResponse> observer) {
        try {
            WorkQueue key = new QueueRequest(POLL_TASK, request.getOrgId(), request.getQueue(), request.getWorkerId())
                    .queueOf(WorkType.TASK, refused);
            open(
                    key,
                    request.getWorkerId(),
                    request.getTimeoutSeconds(),
                    observer,
                    result -> task(key, result),
                    PollTaskResponse.getDefaultInstance());
        } catch (StatusRuntimeException refusal) {
            observer.onError(refusal);
        }
    }

    private <R> void open(
            WorkQueue key,
            String workerId,
            long timeoutSeconds,
            StreamObserver<R> observer,
            Function<WorkClaimed.Result, R> response,
            R nothing) {
        Caller caller = Caller.current();
        Set<String> allowed = caller.scope().kinds();
        InForce shown = InForce.KEY.get();
        Connection connection = Connection.current();
        Identity identity = identities.of(key.orgId(), workerId, connection, caller.principal());
        WorkerId worker = identity.worker();
        presence.enter(identity, key);
        connection.carries(identity.registrations());
        connection.polls(worker);
        Sightings.Seen seen = sightings.begin(worker, key.workType(), identity.usesItsUuid(), nowMs());
        boolean serial = seen.serial();
        boolean lent = serial && connection.host().begins(worker, nowMs());
        returns.polls(identity, connection, seen.turns());
        ClaimHolder holder = ClaimHolder.of(caller.principal(), config.binding());
        boolean once = timeoutSeconds <= 0;
        Map<String, Long> longerLeasesMs = key.workType() == WorkType.TASK
                ? identity.kinds().longerLeasesMs(config.leases().task())
                : Map.of();
        counters.parkedPolls.increment();

        ServerCallStreamObserver<R> call = (ServerCallStreamObserver<R>) observer;
        Function<WorkClaimed.Result, R> handing = result -> {
            connection.handed(
                    worker, Shards.partition(Ids.fromBytes(result.getExecutionId()), partitions), result.getClaimId());
            if (result.hasTask()) {
                long usualMs = config.leases().task().toMillis();
                renewals.handed(
                        connection,
                        identity,
                        holder,
                        shown,
                        result,
                        longerLeasesMs.getOrDefault(result.getTask().getKind(), usualMs));
            }
            return response.apply(result);
        };
        PollCall<R> answer = new PollCall<>(index, key, call, claims, handing, nothing, how -> {
            counters.parkedPolls.decrement();
            sightings.end(worker, key.workType(), how, nowMs());
            if (serial) {
                connection.host().ends(worker, nowMs());
            }
            connection.polled(worker, how == PollCall.Ending.CANCELLED);
            presence.leave(identity, key);
        });
        Poll poll = new Poll(
                key,
                identity.kinds().of(key.workType()).within(allowed),
                worker.workerId(),
                holder,
                longerLeasesMs,
                once,
                answer);
        call.setOnCancelHandler(() -> {
            index.withdraw(poll);
            answer.cancelled();
        });
        call.setOnCloseHandler(answer::delivered);
        index.park(poll, hold(timeoutSeconds, longest(seen, lent)));

        KindFilter others = identity.kinds().of(key.other().workType()).within(allowed);
        if (serial && !once && !others.none()) {
            answer.watch(new Listener(key.other(), others, worker.workerId(), () -> index.interrupt(poll)));
        }
    }

    /**
     * A worker that has just done some work may get more of it, or hold the thread of somebody who waits for what came of it. So a
     * serial poller is held the longer, the longer it has had nothing to do. That is some ten polls until it is held as long as ever.
     */
    private Duration longest(Sightings.Seen seen, boolean lent) {
        if (!seen.serial()) {
            return config.holds().longest();
        }
        long wanted = WANTED_HOLD.toMillis();
        long hold = lent ? wanted : Math.max(wanted, seen.idleMs() / 2);
        return Duration.ofMillis(Math.min(hold, config.holds().serial().toMillis()));
    }

    private static Duration hold(long timeoutSeconds, Duration longest) {
        long asked = TimeUnit.SECONDS.toNanos(Math.max(0, timeoutSeconds));
        double part = 1 - ThreadLocalRandom.current().nextDouble() * JITTER;
        return Duration.ofNanos((long) (Math.min(asked, longest.toNanos()) * part));
    }

    private PollResponse workflow(WorkClaimed.Result result) {
        return PollResponse.newBuilder()
                .setWorkflowExecution(result.getWorkflow())
                .setTraceparent(traceparent(result.getTraceparent(), result))
                .build();
    }

    private PollTaskResponse task(WorkQueue key, WorkClaimed.Result result) {
        Ids.parse(result.getTask().getTaskExecutionId())
                .ifPresent(id -> places.put(key.orgId(), id, Ids.fromBytes(result.getExecutionId())));
        TaskExecutionInfo task = result.getTask();
        String trace = traceparent(task.getTraceparent(), result);
        return PollTaskResponse.newBuilder()
                .setTask(
                        trace.equals(task.getTraceparent())
                                ? task
                                : task.toBuilder().setTraceparent(trace).build())
                .build();
    }

    private String traceparent(String stored, WorkClaimed.Result result) {
        return spans.wanted() ? spans.worker(stored, Ids.fromBytes(result.getClaimId())) : stored;
    }

    private static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}

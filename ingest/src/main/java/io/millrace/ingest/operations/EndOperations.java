package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.limits.OrganisationLoads;
import io.millrace.ingest.limits.Turnstile;
import io.millrace.ingest.queries.ExecutionDetail;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.queries.TaskDetail;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.reads.ReadsUnavailableException;
import io.millrace.proto.v1.AwaitEndRequest;
import io.millrace.proto.v1.AwaitEndResponse;
import io.millrace.proto.v1.ExecutionStatus;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.TaskView;
import io.millrace.proto.v1.WatchRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for ends of executions, for calls of gRPC and requests over HTTP alike. Whoever owns the execution tells of its end, as
 * with event streams; meanwhile nobody is asked, and no thread waits. Safe from any thread.
 */
public final class EndOperations implements AutoCloseable {

    /** As long as anybody may wait at a time: below what proxies and clients commonly wait for an answer. */
    public static final Duration LONGEST = Duration.ofSeconds(30);

    private static final int ANSWERERS = 2;
    private static final int MAX_ANSWERS_WAITING = 1_000;

    private final Reads reads;
    private final HistoryOperations history;
    private final TaskOperations tasks;
    private final OrganisationLoads loads;
    private final Set<EndWait> waits = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;
    /**
     * Where results are answered, which are decrypted there and may be large: whoever tells of ends goes on telling others. A wait
     * gets one answer. When many wait here, whoever tells of the next end answers it.
     */
    private final ThreadPoolExecutor answers = new ThreadPoolExecutor(
            ANSWERERS,
            ANSWERERS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_ANSWERS_WAITING),
            Thread.ofPlatform().name("millrace-results-", 0).daemon(true).factory(),
            (answer, pool) -> answer.run());

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("millrace-waits").daemon(true).factory());

    /**
     * @param reads where executions are watched
     * @param loads what every organisation has under way
     */
    public EndOperations(Reads reads, HistoryOperations history, TaskOperations tasks, OrganisationLoads loads) {
        this.reads = reads;
        this.history = history;
        this.tasks = tasks;
        this.loads = loads;
        answers.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true); // most waits are over long before their time
    }

    /**
     * What is waited for.
     *
     * @param executionId the workflow, or the one that the task belongs to; of a standalone task its own id
     * @param taskId null: the workflow
     * @param ended asks whether it is known to have ended, also if it has left the stores
     */
    record Awaited(UUID orgId, UUID executionId, @Nullable UUID taskId, Supplier<CompletableFuture<Boolean>> ended) {

        WatchRequest watch() {
            WatchRequest.Builder request = WatchRequest.newBuilder()
                    .setOrgId(Ids.toByteString(orgId))
                    .setExecutionId(Ids.toByteString(executionId))
                    .setOnlyEnd(true);
            if (taskId != null) {
                request.setTaskId(Ids.toByteString(taskId)).setAfter(Integer.MAX_VALUE);
            }
            return request.build();
        }
    }

    /**
     * Waits for the end of a workflow that was found open.
     *
     * @return completes with it, or when the time is over. Whoever does not want to wait any longer cancels it
     */
    public CompletableFuture<Void> ofWorkflow(Caller caller, UUID id, Duration longest) {
        return await(
                new Awaited(
                        caller.orgId(),
                        id,
                        null,
                        () -> history.execution(caller, id.toString()).thenApply(HistoryOperations.Found::ended)),
                longest);
    }

    /**
     * The same for a task.
     *
     * @param owner the workflow that it belongs to; its own id for a standalone one
     */
    public CompletableFuture<Void> ofTask(Caller caller, UUID owner, UUID id, Duration longest) {
        return await(
                new Awaited(
                        caller.orgId(),
                        owner,
                        id,
                        () -> tasks.find(caller, id.toString()).thenApply(TaskOperations.Found::ended)),
                longest);
    }

    private CompletableFuture<Void> await(Awaited awaited, Duration longest) {
        EndWait wait = new EndWait(awaited, reads, timer, () -> isPast(awaited));
        waits.add(wait);
        CompletableFuture<Void> over = wait.begin(longest);
        over.whenComplete((done, failure) -> waits.remove(wait));
        if (stopping) {
            wait.stop();
        }
        return over;
    }

    /** Whether it ended and left the stores; while that is not known, it is watched again. */
    private CompletableFuture<Boolean> isPast(Awaited awaited) {
        Turnstile.Ticket place = loads.of(awaited.orgId()).histories().lane().ticket(1, () -> {});
        if (!place.enterNow()) {
            return CompletableFuture.completedFuture(false);
        }
        return Failures.caught(awaited.ended())
                .whenComplete((ended, failure) -> place.leave())
                .exceptionallyCompose(failure -> {
                    Throwable cause = Failures.cause(failure);
                    return cause instanceof RefusedException
                                    || cause instanceof ReadsUnavailableException
                                    || cause instanceof QueriesUnavailableException
                            ? CompletableFuture.completedFuture(false)
                            : CompletableFuture.failedFuture(cause);
                });
    }

    /**
     * Answers AwaitEnd.
     *
     * @param gone completes when the caller does not want to wait any longer
     */
    public CompletableFuture<AwaitEndResponse> awaitEnd(
            Request request, AwaitEndRequest asked, CompletableFuture<Void> gone) {
        if (asked.getWaitMs() < 0 || asked.getWaitMs() > LONGEST.toMillis()) {
            throw RefusedException.invalid("expected from 0 to " + LONGEST.toMillis()
                    + " milliseconds as wait_ms, but got " + asked.getWaitMs());
        }
        Duration longest = Duration.ofMillis(asked.getWaitMs());
        Caller caller = request.caller();
        return switch (asked.getExecutionCase()) {
            case WORKFLOW_EXECUTION_ID -> workflow(caller, asked.getWorkflowExecutionId(), longest, gone);
            case TASK_EXECUTION_ID -> task(caller, asked.getTaskExecutionId(), longest, gone);
            case EXECUTION_NOT_SET ->
                throw RefusedException.invalid(
                        "expected workflow_execution_id or task_execution_id to say what to wait for, but both are missing");
        };
    }

    private CompletableFuture<AwaitEndResponse> workflow(
            Caller caller, String text, Duration longest, CompletableFuture<Void> gone) {
        return history.execution(caller, text).thenCompose(found -> {
            if (found.ended() || longest.isZero()) {
                return CompletableFuture.completedFuture(response(found));
            }
            return untilGone(ofWorkflow(caller, UUID.fromString(text), longest), gone)
                    .thenCompose(over -> history.execution(caller, text))
                    .thenApplyAsync(EndOperations::response, answers);
        });
    }

    private CompletableFuture<AwaitEndResponse> task(
            Caller caller, String text, Duration longest, CompletableFuture<Void> gone) {
        return tasks.find(caller, text).thenCompose(found -> {
            if (found.ended() || longest.isZero()) {
                return CompletableFuture.completedFuture(response(found));
            }
            UUID id = UUID.fromString(text);
            return untilGone(ofTask(caller, found.owner(id), id, longest), gone)
                    .thenCompose(over -> tasks.find(caller, text))
                    .thenApplyAsync(EndOperations::response, answers);
        });
    }

    private static CompletableFuture<Void> untilGone(CompletableFuture<Void> wait, CompletableFuture<Void> gone) {
        gone.thenRun(() -> wait.cancel(false));
        return wait;
    }

    private static AwaitEndResponse response(HistoryOperations.Found found) {
        Optional<ExecutionView> live = found.live();
        if (live.isPresent()) {
            return response(
                    found.ended(),
                    live.get().getStatus(),
                    live.get().getOutput(),
                    live.get().getError(),
                    Ids.fromBytesOrNull(live.get().getResetTo()));
        }
        ExecutionDetail closed = found.closed().orElseThrow();
        return response(
                found.ended(),
                closed.row().status(),
                closed.output(),
                closed.row().error(),
                closed.row().resetTo());
    }

    private static AwaitEndResponse response(TaskOperations.Found found) {
        Optional<TaskView> live = found.live();
        if (live.isPresent()) {
            return response(
                    found.ended(),
                    live.get().getStatus(),
                    live.get().getOutput(),
                    live.get().getError(),
                    null);
        }
        TaskDetail closed = found.closed().orElseThrow();
        return response(
                found.ended(),
                closed.row().status(),
                closed.output(),
                closed.row().error(),
                null);
    }

    private static AwaitEndResponse response(
            boolean ended,
            ExecutionStatus status,
            @Nullable ByteString output,
            @Nullable String error,
            @Nullable UUID goesOnAs) {
        AwaitEndResponse.Builder response =
                AwaitEndResponse.newBuilder().setStatus(status.name()).setEnded(ended);
        if (output != null) {
            response.setOutput(output);
        }
        if (error != null) {
            response.setError(error);
        }
        if (goesOnAs != null) {
            response.setGoesOnAs(goesOnAs.toString());
        }
        return response.build();
    }

    /** Ends each wait, now and from now on, as what is unavailable: whoever waits may do so at another node. */
    public void stop() {
        stopping = true;
        waits.forEach(EndWait::stop);
    }

    /** Comes after {@link #stop}: nobody waits any more. */
    @Override
    public void close() {
        timer.shutdownNow();
        answers.shutdown();
    }
}

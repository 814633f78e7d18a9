package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.limits.PastReads;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.PastEvents;
import io.millrace.ingest.queries.QueriesUnavailableException;
import io.millrace.ingest.queries.Reach;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Moment;
import io.millrace.proto.Shards;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.reads.PastState;
import io.millrace.proto.reads.PastStates;
import io.millrace.proto.reads.PastWork;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.WhyView;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads how things were at a moment: from the events that the read model has, folded again. So it costs what the executions in question
 * have gone through, however long the log is. Safe from any thread, never blocks.
 */
public final class PastOperations {

    private static final String EVICTED = "EXECUTION_EVICTED";

    private final ExecutionQueries queries;
    private final PastReads pasts;
    private final PastStates states;
    private final Checks checks;
    private final ScopeGuard guard;
    private final int partitions;
    private final Clock clock;

    PastOperations(
            ExecutionQueries queries,
            PastReads pasts,
            PastStates states,
            Checks checks,
            ScopeGuard guard,
            int partitions,
            Clock clock) {
        this.queries = queries;
        this.pasts = pasts;
        this.states = states;
        this.checks = checks;
        this.guard = guard;
        this.partitions = partitions;
        this.clock = clock;
    }

    /** @return the workflow execution as it stood then */
    public CompletableFuture<ExecutionView> execution(Caller caller, String executionId, Moment at) {
        return state(caller, executionId, at, (state, id) -> state.workflow(id).orElseThrow(() -> noWorkflow(id)));
    }

    /** @return the values that the workflow had set by then: JSON texts by key */
    public CompletableFuture<Map<String, ByteString>> values(Caller caller, String executionId, Moment at) {
        return state(
                caller,
                executionId,
                at,
                (state, id) ->
                        state.values(id).orElseThrow(() -> noWorkflow(id)).getValuesMap());
    }

    /** @return the history that workers would have replayed then */
    public CompletableFuture<List<EventRow>> history(Caller caller, String executionId, Moment at) {
        return events(
                caller,
                executionId,
                at,
                (events, id) -> events.stream()
                        .filter(event -> event.getHistorySequence() > 0)
                        .map(event -> new EventRow(
                                event.getHistorySequence(), event.getType(), event.getData(), event.getTimeMs()))
                        .toList());
    }

    /** @return all work of the organisation that stood ready then, or that a worker had */
    public CompletableFuture<List<PastWork>> work(Caller caller, Moment at) {
        if (!(at instanceof Moment.Time time)) {
            throw RefusedException.invalid(
                    "expected a time as at, such as 2026-01-31T14:03:00Z, since queues and workers are"
                            + " of all partitions, but got " + at);
        }
        return reached(caller.orgId(), at, null)
                .thenCompose(reached -> pasts.inTurn(
                        caller.orgId(),
                        () -> queries.pastOpen(caller.orgId(), time.ms()).thenApply(past -> {
                            expectAll(past, at);
                            expectBegun(past, at);
                            return states.of(past.events()).work();
                        })));
    }

    /** @return why a workflow that has left the dispatcher stood where it did when it ended */
    public CompletableFuture<WhyView> whyOfWorkflow(Caller caller, String executionId) {
        UUID id = checks.id("id", executionId);
        return guard.ofWorkflow(
                caller,
                id,
                () -> pasts.inTurn(
                        caller.orgId(),
                        () -> queries.past(caller.orgId(), id, Moment.NOW).thenCompose(past -> {
                            expectAll(past, Moment.NOW);
                            if (past.events().isEmpty()) {
                                return unknown(
                                        caller.orgId(),
                                        id,
                                        "expected a workflow execution of your organisation, but there is none of the id "
                                                + id);
                            }
                            PastState state = states.of(kept(past.events()));
                            ExecutionView last = state.workflow(id).orElseThrow(() -> noWorkflow(id));
                            if (!ClosedExecutions.is(last.getStatus())) {
                                throw notAllOf("workflow execution " + id);
                            }
                            return CompletableFuture.completedFuture(
                                    state.whyOfWorkflow(id).orElseThrow(() -> noWorkflow(id)));
                        })));
    }

    /** @return why a task stands where it does, as far as the read model has come */
    public CompletableFuture<WhyView> whyOfTask(Caller caller, String taskId) {
        UUID id = checks.id("id", taskId);
        return guard.ofTask(
                caller,
                id,
                () -> queries.task(caller.orgId(), id).thenCompose(found -> {
                    if (found.isEmpty()) {
                        return unknown(
                                caller.orgId(),
                                null,
                                "expected a task of your organisation that the read model knows, but there is none of"
                                        + " the id " + id);
                    }
                    UUID home = Objects.requireNonNullElse(found.get().row().executionId(), id);
                    return pasts.inTurn(
                            caller.orgId(),
                            () -> queries.past(caller.orgId(), home, Moment.NOW).thenApply(past -> {
                                expectAll(past, Moment.NOW);
                                return states.of(kept(past.events()))
                                        .whyOfTask(home, id)
                                        .orElseThrow(() -> notAllOf("task " + id));
                            }));
                }));
    }

    /** What a read model does not know that lacks something may be there all the same. */
    private <T> CompletableFuture<T> unknown(UUID orgId, @Nullable UUID executionId, String text) {
        return queries.reach(orgId, Moment.NOW, executionId).thenApply(reach -> {
            if (reach != Reach.ALL) {
                throw behind(Moment.NOW);
            }
            throw RefusedException.notFound(text);
        });
    }

    private static QueriesUnavailableException notAllOf(String what) {
        return new QueriesUnavailableException(
                "expected the events of " + what + " in the read model, but they are not all there yet", null);
    }

    private static QueriesUnavailableException behind(Moment at) {
        return new QueriesUnavailableException(
                "expected the read model to have all that was before " + at + ", but it is not known to have it yet",
                null);
    }

    /** @return the events without those by which something leaves the dispatcher: it stood as it did when it ended */
    private static List<EventRecord> kept(List<EventRecord> events) {
        return events.stream().filter(event -> !event.getType().equals(EVICTED)).toList();
    }

    private interface Use<S, T> {
        T of(S source, UUID id);
    }

    private <T> CompletableFuture<T> state(Caller caller, String executionId, Moment at, Use<PastState, T> use) {
        return events(caller, executionId, at, (events, id) -> use.of(states.of(kept(events)), id));
    }

    private <T> CompletableFuture<T> events(
            Caller caller, String executionId, Moment at, Use<List<EventRecord>, T> use) {
        UUID id = checks.id("id", executionId);
        int home = Shards.partition(id, partitions);
        if (at instanceof Moment.LogOffset place && place.partition() != home) {
            throw RefusedException.invalid(
                    "expected a moment of partition " + home + ", where the execution lives, as at, but got " + place);
        }
        return guard.ofWorkflow(
                caller,
                id,
                () -> reached(caller.orgId(), at, id)
                        .thenCompose(reached -> pasts.inTurn(
                                caller.orgId(),
                                () -> queries.past(caller.orgId(), id, at).thenCompose(past -> {
                                    expectAll(past, at);
                                    if (past.events().isEmpty()) {
                                        return missing(caller.orgId(), id, past, at);
                                    }
                                    return CompletableFuture.completedFuture(use.of(past.events(), id));
                                }))));
    }

    /** @return completes where the read model has all that was before the moment */
    private CompletableFuture<Void> reached(UUID orgId, Moment at, @Nullable UUID executionId) {
        long now = clock.millis();
        if (at instanceof Moment.Time time && time.ms() > now) {
            throw RefusedException.invalid("expected a moment that has been as at, but " + at
                    + " is yet to come: it is " + Instant.ofEpochMilli(now));
        }
        return queries.reach(orgId, at, executionId).thenAccept(reach -> {
            switch (reach) {
                case ALL -> {}
                case NOT_YET -> throw behind(at);
                case BEHIND_THE_LOG ->
                    throw RefusedException.invalid("expected a moment in the log as at, but " + at
                            + " is behind the last command of the partition");
            }
        });
    }

    private static void expectAll(PastEvents past, Moment at) {
        if (past.more()) {
            throw RefusedException.tooMuch("expected at most " + PastEvents.MAX_EXECUTIONS + " executions, "
                    + PastEvents.MAX_TASKS + " open tasks, " + PastEvents.MAX_EVENTS + " events and "
                    + (PastEvents.MAX_BYTES >> 20)
                    + " MiB to make up the state at " + at
                    + ", but there is more; `millrace replay --until " + at + "` has no such bound");
        }
    }

    private static void expectBegun(PastEvents past, Moment at) {
        if (past.beganMs() == 0 || at instanceof Moment.Time time && time.ms() < past.beganMs()) {
            throw RefusedException.invalid("expected a moment in the log as at, but " + at + " is before it: "
                    + (past.beganMs() == 0
                            ? "nothing was decided yet"
                            : "the first thing was decided at " + Instant.ofEpochMilli(past.beganMs())));
        }
    }

    private <T> CompletableFuture<T> missing(UUID orgId, UUID id, PastEvents past, Moment at) {
        return queries.execution(orgId, id).thenApply(found -> {
            expectBegun(past, at);
            throw RefusedException.notFound(
                    "expected a workflow execution of your organisation that was there at " + at + ", but "
                            + found.map(detail -> id + " was created at "
                                            + Instant.ofEpochMilli(detail.row().createdAtMs()))
                                    .orElse("there is none of the id " + id));
        });
    }

    private static RefusedException noWorkflow(UUID id) {
        return RefusedException.notFound("expected the id of a workflow execution of your organisation, but " + id
                + " is that of a task without one");
    }
}

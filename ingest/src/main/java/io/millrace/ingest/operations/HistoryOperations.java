package io.millrace.ingest.operations;

import com.google.protobuf.ByteString;
import io.millrace.ingest.auth.Request;
import io.millrace.ingest.queries.EventRow;
import io.millrace.ingest.queries.ExecutionDetail;
import io.millrace.ingest.queries.ExecutionQueries;
import io.millrace.ingest.queries.ToldEvent;
import io.millrace.ingest.queries.ToldPart;
import io.millrace.ingest.validation.Checks;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.flovyn.v1.GetEventsRequest;
import io.millrace.proto.flovyn.v1.GetEventsResponse;
import io.millrace.proto.flovyn.v1.QueryWorkflowRequest;
import io.millrace.proto.flovyn.v1.QueryWorkflowResponse;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import io.millrace.proto.reads.Reads;
import io.millrace.proto.v1.EventRecord;
import io.millrace.proto.v1.ExecutionView;
import io.millrace.proto.v1.HistoryView;
import io.millrace.proto.v1.WhyView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads executions: from the dispatcher's stores, which know the caller's own last write, and from the read model once a
 * closed execution has left them. Safe from any thread, never blocks.
 */
public final class HistoryOperations {

    private static final String WHOLE_STATE = "__state";

    /** By these it is known what was told before, and that there is an execution. */
    private static final Set<String> REMEMBERED = Stream.concat(
                    Retelling.remembered().stream(), Stream.of("WORKFLOW_STARTED"))
            .collect(Collectors.toUnmodifiableSet());

    private final Reads reads;
    private final ExecutionQueries queries;
    private final Checks checks;
    private final ScopeGuard guard;

    HistoryOperations(Reads reads, ExecutionQueries queries, Checks checks, ScopeGuard guard) {
        this.reads = reads;
        this.queries = queries;
        this.checks = checks;
        this.guard = guard;
    }

    /** @return the whole history; payloads are handed on, not copied */
    public CompletableFuture<GetEventsResponse> events(Request request, GetEventsRequest asked) {
        UUID id = checks.id("workflow_execution_id", asked.getWorkflowExecutionId());
        return guard.ofWorkflow(
                request.caller(), id, () -> events(request.caller().orgId(), id));
    }

    private CompletableFuture<GetEventsResponse> events(UUID orgId, UUID id) {
        return reads.history(orgId, id).thenCompose(live -> {
            if (live.isPresent()) {
                GetEventsResponse.Builder response = GetEventsResponse.newBuilder();
                for (EventRecord event : live.get().getEventsList()) {
                    response.addEvents(WorkflowEvent.newBuilder()
                            .setSequenceNumber(event.getHistorySequence())
                            .setEventType(event.getType())
                            .setEventData(event.getData()));
                }
                return CompletableFuture.completedFuture(response.build());
            }
            return queries.history(orgId, id).thenApply(rows -> {
                GetEventsResponse.Builder response = GetEventsResponse.newBuilder();
                for (EventRow row : rows.orElseThrow(() -> unknown(id))) {
                    response.addEvents(WorkflowEvent.newBuilder()
                            .setSequenceNumber(row.sequence())
                            .setEventType(row.type())
                            .setEventData(row.data()));
                }
                return response.build();
            });
        });
    }

    /** @return the whole history with its times */
    public CompletableFuture<List<EventRow>> timedEvents(Caller caller, String executionId) {
        UUID id = checks.id("id", executionId);
        return guard.ofWorkflow(caller, id, () -> timedEvents(caller.orgId(), id));
    }

    private CompletableFuture<List<EventRow>> timedEvents(UUID orgId, UUID id) {
        return reads.history(orgId, id).thenCompose(live -> {
            if (live.isPresent()) {
                List<EventRow> rows = new ArrayList<>(live.get().getEventsCount());
                for (EventRecord event : live.get().getEventsList()) {
                    rows.add(new EventRow(
                            event.getHistorySequence(), event.getType(), event.getData(), event.getTimeMs()));
                }
                return CompletableFuture.completedFuture(rows);
            }
            return queries.history(orgId, id).thenApply(rows -> rows.orElseThrow(() -> unknown(id)));
        });
    }

    /**
     * @param after number of the event that was told last, in the chain of the execution; 0: none was
     * @return what happened since, told to people: each thing once, and failed attempts too. What stands in no history comes
     *     from the read model, at its distance
     */
    public CompletableFuture<Told> toldEvents(Caller caller, String executionId, long after) {
        return known(caller, executionId, after)
                .thenApply(known -> new Told(Retelling.of(known.before(), known.events()), known.next()));
    }

    /**
     * @param after as above
     * @return every event since, in order, also claims and leases; what stands in no history comes from the read model, at its
     *     distance
     */
    public CompletableFuture<Told> allEvents(Caller caller, String executionId, long after) {
        return known(caller, executionId, after).thenApply(known -> new Told(known.events(), known.next()));
    }

    /**
     * A part of what happened.
     *
     * @param events in order
     * @param next number of the event after which the next part begins; 0: that was all
     */
    public record Told(List<ToldEvent> events, long next) {}

    /** @param before some of what was told before, without data */
    private record Known(Collection<ToldEvent> before, List<ToldEvent> events, long next) {}

    private CompletableFuture<Known> known(Caller caller, String executionId, long after) {
        UUID id = checks.id("id", executionId);
        return guard.ofWorkflow(caller, id, () -> known(caller.orgId(), id, after));
    }

    private CompletableFuture<Known> known(UUID orgId, UUID id, long after) {
        CompletableFuture<List<ToldEvent>> before = after == 0
                ? CompletableFuture.completedFuture(List.of())
                : queries.toldBefore(orgId, id, after, REMEMBERED);
        return reads.history(orgId, id)
                .thenCombine(queries.told(orgId, id, after), Sources::new)
                .thenCombine(before, (sources, earlier) -> {
                    NavigableMap<Long, ToldEvent> events = sources.together(earlier);
                    if (events.values().stream()
                            .noneMatch(event -> event.event().sequence() > 0)) {
                        throw unknown(id);
                    }
                    return part(
                            events.headMap(after, true).values(),
                            events.tailMap(after, false).values(),
                            sources.told().more());
                });
    }

    private record Sources(Optional<HistoryView> live, ToldPart told) {

        /** @return all by number, up to where the read model's part ends */
        NavigableMap<Long, ToldEvent> together(List<ToldEvent> earlier) {
            NavigableMap<Long, ToldEvent> events = new TreeMap<>();
            earlier.forEach(event -> events.put(event.chainSequence(), event));
            told.events().forEach(event -> events.put(event.chainSequence(), event));
            long end = told.more() ? told.events().getLast().chainSequence() : Long.MAX_VALUE;
            live.ifPresent(history -> history.getEventsList().stream()
                    .filter(event -> event.getChainSequence() <= end)
                    .forEach(event -> events.put(event.getChainSequence(), HistoryOperations.told(event))));
            return events;
        }
    }

    /** Of two sources together it may be more than a part has. */
    private static Known part(Collection<ToldEvent> before, Collection<ToldEvent> events, boolean more) {
        List<ToldEvent> part = new ArrayList<>();
        long bytes = 0;
        for (ToldEvent event : events) {
            if (bytes >= ToldPart.MAX_BYTES || part.size() >= ToldPart.MAX_EVENTS) {
                return new Known(before, part, part.getLast().chainSequence());
            }
            part.add(event);
            bytes += event.event().data().size();
        }
        return new Known(before, part, more ? part.getLast().chainSequence() : 0);
    }

    private static ToldEvent told(EventRecord event) {
        return new ToldEvent(
                event.getChainSequence(),
                Ids.fromBytesOrNull(event.getTaskId()),
                new EventRow(event.getHistorySequence(), event.getType(), event.getData(), event.getTimeMs()));
    }

    /** @return the execution as the stores have it, or else as the read model has it */
    public CompletableFuture<Found> execution(Caller caller, String executionId) {
        UUID id = checks.id("id", executionId);
        return guard.ofWorkflow(
                caller,
                id,
                () -> reads.execution(caller.orgId(), id)
                        .thenCompose(live -> live.isPresent()
                                ? broken(caller.orgId(), id)
                                        .thenApply(broken -> new Found(live, Optional.empty(), broken))
                                : queries.execution(caller.orgId(), id).thenApply(row -> {
                                    ExecutionDetail closed = row.orElseThrow(() -> unknown(id));
                                    return new Found(
                                            Optional.empty(),
                                            Optional.of(closed),
                                            closed.row().broken());
                                })));
    }

    /** @return null where the read model does not say: an execution can be seen without it */
    private CompletableFuture<@Nullable Boolean> broken(UUID orgId, UUID id) {
        return queries.lag()
                .thenCompose(lag ->
                        lag.breaks() == 0 ? CompletableFuture.completedFuture(false) : queries.isBroken(orgId, id))
                .exceptionally(unavailable -> null);
    }

    /**
     * Answers from the state map of the workflow: the value of the key that the query names, the whole map for no name or
     * {@value #WHOLE_STATE}. There is no way to ask a worker.
     */
    public CompletableFuture<QueryWorkflowResponse> query(Request request, QueryWorkflowRequest asked) {
        UUID id = checks.id("workflow_execution_id", asked.getWorkflowExecutionId());
        checks.json("params", asked.getParams());
        String name = checks.nameOrEmpty("query_name", asked.getQueryName());
        return state(request.caller(), id).thenApply(state -> answer(name, state));
    }

    /** @return the state map of the workflow: JSON texts by key */
    public CompletableFuture<Map<String, ByteString>> state(Caller caller, String executionId) {
        return state(caller, checks.id("id", executionId));
    }

    private CompletableFuture<Map<String, ByteString>> state(Caller caller, UUID id) {
        return guard.ofWorkflow(
                caller,
                id,
                () -> reads.workflowState(caller.orgId(), id)
                        .thenCompose(live -> live.isPresent()
                                ? CompletableFuture.completedFuture(live.get().getValuesMap())
                                : queries.history(caller.orgId(), id)
                                        .thenApply(rows -> stateAfter(rows.orElseThrow(() -> unknown(id))))));
    }

    /** @return what people noted about the workflow, in order, as a JSON array, as far as the read model knows */
    public CompletableFuture<ByteString> annotations(Caller caller, String executionId) {
        UUID id = checks.id("id", executionId);
        return guard.ofWorkflow(
                caller,
                id,
                () -> queries.annotations(caller.orgId(), id).thenApply(found -> found.orElseThrow(() -> unknown(id))));
    }

    /** @return why the workflow stands where it does, as the stores tell; nothing where they do not have it */
    public CompletableFuture<Optional<WhyView>> why(Caller caller, String executionId) {
        UUID id = checks.id("id", executionId);
        return guard.ofWorkflow(caller, id, () -> reads.why(caller.orgId(), id));
    }

    private static QueryWorkflowResponse answer(String name, Map<String, ByteString> state) {
        QueryWorkflowResponse.Builder response = QueryWorkflowResponse.newBuilder();
        if (name.isEmpty() || name.equals(WHOLE_STATE)) {
            return response.setResult(JsonFields.write(state)).build();
        }
        ByteString value = state.get(name);
        return value == null
                ? response.setError("expected the name of a state key of the workflow, or " + WHOLE_STATE
                                + ", as query_name, but it has no key " + Checks.shown(name))
                        .build()
                : response.setResult(value).build();
    }

    private static Map<String, ByteString> stateAfter(List<EventRow> history) {
        Map<String, ByteString> state = new LinkedHashMap<>();
        for (EventRow event : history) {
            boolean set = event.type().equals("STATE_SET");
            if (set || event.type().equals("STATE_CLEARED")) {
                JsonFields data = JsonFields.parse(event.data());
                String key = data.text("key").orElse("");
                if (set) {
                    state.put(key, data.raw("value").orElse(ByteString.copyFromUtf8("null")));
                } else {
                    state.remove(key);
                }
            }
        }
        return state;
    }

    private static RefusedException unknown(UUID id) {
        return RefusedException.notFound(
                "expected a workflow execution of your organisation, but there is none of the id " + id);
    }

    /**
     * An execution; one of both is present.
     *
     * @param live as the dispatcher's stores have it
     * @param closed as the read model has it
     * @param broken whether an outcome on the log names it that was not believed; null: that is not known
     */
    public record Found(
            Optional<ExecutionView> live,
            Optional<ExecutionDetail> closed,
            @Nullable Boolean broken) {

        /** @return whether it stays as it is; the read model may know of an open one which its new owner does not know yet */
        public boolean ended() {
            return live.map(view -> view.getClosedAtMs() != 0)
                    .orElseGet(
                            () -> ClosedExecutions.is(closed.orElseThrow().row().status()));
        }
    }
}

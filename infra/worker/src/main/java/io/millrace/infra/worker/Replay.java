package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A history as a workflow function reads it. The n-th call of a sort gets the n-th event of that sort. What a call
 * awaits is found by its id, wherever it stands. For one activation, one thread.
 */
final class Replay {

    /** Sorts of events that calls of a workflow cause. Calls and events of a sort are matched in their order. */
    enum Sort {
        OPERATION,
        STATE,
        TASK,
        TIMER,
        PROMISE,
        CHILD
    }

    /** One event, parsed. */
    record Event(String type, JsonNode data) {

        String text(String field) {
            return data.path(field).asText("");
        }
    }

    private final Map<Sort, List<Event>> made = new HashMap<>();
    private final Map<Sort, Integer> next = new HashMap<>();
    private final Map<String, Event> settled = new HashMap<>();
    private final Map<String, List<Event>> signals = new HashMap<>();
    private final Map<String, Integer> nextSignal = new HashMap<>();
    private final Map<String, Integer> takenSignals = new HashMap<>();
    private final boolean whole;
    private final int events;
    private final long bytes;
    private @Nullable Event cancellation;
    private @Nullable String difference;

    /** A history to carry on behind. */
    Replay(List<WorkflowEvent> history) {
        this(history, false);
    }

    /** @param whole there is nothing to carry on: a call that the history does not have is a difference */
    Replay(List<WorkflowEvent> history, boolean whole) {
        this.whole = whole;
        this.events = history.size();
        long size = 0;
        for (WorkflowEvent raw : history) {
            size += raw.getEventData().size();
            read(new Event(raw.getEventType(), JsonData.read(raw.getEventData())));
        }
        this.bytes = size;
    }

    int events() {
        return events;
    }

    /** @return bytes of the data of all events */
    long bytes() {
        return bytes;
    }

    private void read(Event event) {
        switch (event.type()) {
            case "OPERATION_COMPLETED" -> made(Sort.OPERATION, event);
            case "STATE_SET", "STATE_CLEARED" -> made(Sort.STATE, event);
            case "TASK_SCHEDULED" -> made(Sort.TASK, event);
            case "TIMER_STARTED" -> made(Sort.TIMER, event);
            case "PROMISE_CREATED" -> made(Sort.PROMISE, event);
            case "CHILD_WORKFLOW_INITIATED" -> made(Sort.CHILD, event);
            case "TASK_COMPLETED", "TASK_FAILED" -> settled.put("task " + event.text("taskExecutionId"), event);
            case "TIMER_FIRED", "TIMER_CANCELLED" -> settled.put("timer " + event.text("timerId"), event);
            case "PROMISE_RESOLVED", "PROMISE_REJECTED", "PROMISE_TIMEOUT" ->
                settled.put("promise " + event.text("promiseId"), event);
            case "CHILD_WORKFLOW_COMPLETED", "CHILD_WORKFLOW_FAILED" ->
                settled.put("child " + event.text("childExecutionName"), event);
            case "SIGNAL_RECEIVED" ->
                signals.computeIfAbsent(event.text("signalName"), name -> new ArrayList<>())
                        .add(event);
            case "CANCELLATION_REQUESTED" -> cancellation = event;
            default -> {
                // A workflow function cannot see these.
            }
        }
    }

    private void made(Sort sort, Event event) {
        made.computeIfAbsent(sort, s -> new ArrayList<>()).add(event);
    }

    /**
     * @param issued what the call says that it is
     * @param recorded what the event says that it is
     * @return the event of the next call of the sort; nothing if the call is new
     * @throws DeterminismException if there is an event, but it says something else
     * @throws DifferenceSignal if there is none, but the history is whole
     */
    Optional<Event> next(Sort sort, String issued, java.util.function.Function<Event, String> recorded) {
        int index = next.merge(sort, 1, Integer::sum) - 1;
        List<Event> events = made.getOrDefault(sort, List.of());
        if (index >= events.size()) {
            if (whole) {
                differs("expected no " + name(sort) + " " + (index + 1) + ", as recorded, but the code asks for "
                        + issued);
                throw new DifferenceSignal();
            }
            return Optional.empty();
        }
        Event event = events.get(index);
        if (!recorded.apply(event).equals(issued)) {
            DeterminismException violation = new DeterminismException(name(sort), index, recorded.apply(event), issued);
            differs(String.valueOf(violation.getMessage()));
            throw violation;
        }
        return Optional.of(event);
    }

    /** @return whether each call that is recorded was made again */
    boolean caughtUp() {
        return unasked().isEmpty();
    }

    /** @return a call that is recorded, and was not made again; nothing if there is none */
    private Optional<String> unasked() {
        for (Sort sort : Sort.values()) {
            List<Event> recorded = made.getOrDefault(sort, List.of());
            int asked = next.getOrDefault(sort, 0);
            if (asked < recorded.size()) {
                return Optional.of("expected " + name(sort) + " " + (asked + 1) + ", recorded as "
                        + recorded.get(asked).type() + " " + recorded.get(asked).data()
                        + ", but the code does not ask for it");
            }
        }
        return Optional.empty();
    }

    private static String name(Sort sort) {
        return sort.name().toLowerCase(Locale.ROOT);
    }

    private void differs(String what) {
        if (difference == null) {
            difference = what;
        }
    }

    /** @return the first call that is not as recorded; after the run also what is recorded and no call asked for */
    Optional<String> difference() {
        return difference != null ? Optional.of(difference) : unasked();
    }

    /** @return how the awaited thing ended, the last event if there are several; nothing if it has not ended */
    Optional<Event> settled(String what, String id) {
        return Optional.ofNullable(settled.get(what + " " + id));
    }

    /** @return the last request to end, if there is one */
    Optional<Event> cancellation() {
        return Optional.ofNullable(cancellation);
    }

    /** @return a place among the signals of that name, which no other call gets */
    int takeSignal(String name) {
        return nextSignal.merge(name, 1, Integer::sum) - 1;
    }

    /** Says that the signal at that place was given to the workflow, and so each before it. */
    void signalTaken(String name, int place) {
        takenSignals.merge(name, place + 1, Math::max);
    }

    /** @return how many signals of each name were given to the workflow */
    Map<String, Integer> takenSignals() {
        return takenSignals;
    }

    /** @return the signal at that place, if it has come */
    Optional<Event> signal(String name, int place) {
        List<Event> received = signals.getOrDefault(name, List.of());
        return place < received.size() ? Optional.of(received.get(place)) : Optional.empty();
    }
}

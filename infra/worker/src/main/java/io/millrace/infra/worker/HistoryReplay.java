package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.worker.RecordedHistory.RecordedActivation;
import io.millrace.proto.flovyn.v1.WorkflowEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Runs the code of a workflow over a recorded history, activation by activation, and tells the first thing that it does otherwise than
 * was recorded. Nothing is carried out: no task is scheduled, and no operation of {@link WorkflowContext#run} is called. So it may run
 * under a debugger, or in a test. Where it cannot be told how much of the history a worker had read, anything possible counts as the
 * same. For one thread.
 */
public final class HistoryReplay {

    private static final String SUSPENDED = "waits";
    private static final String CONTINUED = "continues as new";
    private static final String COMPLETED = "WORKFLOW_COMPLETED";
    private static final String FAILED = "WORKFLOW_EXECUTION_FAILED";

    private final RecordedHistory history;
    private final WorkerStyle style;

    /** Looks at this history, in the style of the SDK whose names its timers have. */
    public HistoryReplay(RecordedHistory history) {
        this(history, styleOf(history));
    }

    /** @param style how the SDK of the code names its timers */
    public HistoryReplay(RecordedHistory history, WorkerStyle style) {
        this.history = history;
        this.style = style;
    }

    private static WorkerStyle styleOf(RecordedHistory history) {
        boolean ffi = history.events().stream()
                .filter(event -> event.getEventType().equals("TIMER_STARTED"))
                .anyMatch(event -> JsonData.read(event.getEventData())
                        .path("timerId")
                        .asText()
                        .startsWith("timer-"));
        return ffi ? WorkerStyle.FFI : WorkerStyle.RUST;
    }

    /**
     * Makes sure that the code does the same.
     *
     * @throws AssertionError it does not; the text tells the first difference
     */
    public void expectSame(WorkflowFunction function) {
        firstDifference(function).ifPresent(difference -> {
            throw new AssertionError(difference);
        });
    }

    /** @return what the code does first that is not as it was recorded; nothing if it does the same */
    public Optional<String> firstDifference(WorkflowFunction function) {
        int number = 0;
        for (RecordedActivation activation : history.activations()) {
            number++;
            Optional<String> difference = difference(function, activation);
            if (difference.isPresent()) {
                return Optional.of(
                        "activation " + number + " of " + history.activations().size() + ", behind event "
                                + activation.submittedBehind() + ": " + difference.get());
            }
        }
        return Optional.empty();
    }

    /** Begins with the most that its worker can have read: that is what it mostly has. */
    private Optional<String> difference(WorkflowFunction function, RecordedActivation activation) {
        Optional<String> first = difference(function, activation, activation.submittedBehind());
        for (int read = activation.submittedBehind() - 1;
                first.isPresent() && read >= activation.claimedBehind();
                read--) {
            if (difference(function, activation, read).isEmpty()) {
                return Optional.empty();
            }
        }
        return first;
    }

    private Optional<String> difference(WorkflowFunction function, RecordedActivation activation, int read) {
        List<WorkflowEvent> made = history.events().stream()
                .filter(event -> event.getSequenceNumber() > activation.submittedBehind()
                        && event.getSequenceNumber() <= activation.endsWith())
                .toList();
        List<WorkflowEvent> shown = Stream.concat(
                        history.events().stream().filter(event -> event.getSequenceNumber() <= read), made.stream())
                .toList();
        Replay replay = new Replay(shown, true);
        Activation run = new Activation(
                history.id(), "", Instant.ofEpochMilli(activation.timeMs()), replay, style, shown.size() + 1);
        List<WorkflowEvent> ends =
                new ArrayList<>(activation.submittedBehind() == activation.endsWith() ? shown : made);
        String end;
        try {
            end = end(COMPLETED, JsonData.read(Activation.output(function.run(run, history.input()))));
        } catch (SuspendSignal suspended) {
            end = SUSPENDED;
        } catch (ContinueAsNewSignal asNew) {
            end = CONTINUED;
        } catch (DifferenceSignal difference) {
            end = "";
        } catch (WorkflowCancelledException cancelled) {
            String reason = String.valueOf(cancelled.getMessage());
            end = failed(style == WorkerStyle.RUST ? reason : "Workflow cancelled: " + reason);
        } catch (Exception failure) {
            end = failed(String.valueOf(failure.getMessage()));
        }
        Optional<String> difference = replay.difference();
        String recorded = recordedEnd(ends);
        return difference.isPresent() || end.equals(recorded)
                ? difference
                : Optional.of("expected that it " + recorded + ", as recorded, but the code " + end);
    }

    private static String failed(String error) {
        return end(FAILED, JsonData.from(error));
    }

    private static String recordedEnd(List<WorkflowEvent> events) {
        for (WorkflowEvent event : events) {
            JsonNode data = JsonData.read(event.getEventData());
            switch (event.getEventType()) {
                case COMPLETED -> {
                    return end(event.getEventType(), data.path("output"));
                }
                case FAILED -> {
                    if (data.path("failureType").asText().equals("CONTINUED_AS_NEW")) {
                        return CONTINUED; // with an input that stands in the history of the new run
                    }
                    return end(event.getEventType(), data.path("error"));
                }
                default -> {
                    // The activation goes on.
                }
            }
        }
        return SUSPENDED;
    }

    private static String end(String type, JsonNode with) {
        return (type.equals(COMPLETED) ? "completes with " : "fails with ") + with;
    }
}

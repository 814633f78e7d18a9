package io.millrace.infra.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * All that a workflow may do. What the history already holds is not done again. The n-th call of a sort stands for the
 * n-th event of that sort, and must have the same kind or name. For the workflow's thread only.
 */
public interface WorkflowContext {

    /** @return id of the workflow execution */
    UUID id();

    /**
     * @return trace that its work belongs to, as W3C Trace Context has it: to be sent along with calls to others, and never to
     *     decide anything, since it is another one when the history is replayed; empty: none
     */
    String traceparent();

    /** @return the workflow's time; it stands still during an activation */
    Instant now();

    /**
     * @return why the workflow is to end, if somebody asks it to. It may clean up then, and ends with a
     *     {@link WorkflowCancelledException}. It is cancelled by force when its time is over, and hears nothing of that.
     */
    Optional<String> cancellationRequested();

    /**
     * Ends this run, and lets the workflow go on in a new one: with another input, under the same key, and without a history. The input has
     * to hold all that the workflow is to remember. Signals that were not taken are the first of the new run. Tasks and timers that are open
     * end with this one; children run on, and nobody hears of their end.
     *
     * @param input of the new run
     * @return nothing: it leaves the function. It has a type so that it may stand behind {@code return}
     * @throws DeterminismException if the history holds calls that were not made again by then: what they brought would be lost
     */
    JsonNode continueAsNew(JsonNode input);

    /**
     * Whether the history has grown so long that it is time to continue as new, as the server sees it ({@code
     * limits.continue_as_new_events}, and three quarters of {@code limits.history_bytes}). It is false as long as calls are made again that
     * the history holds. So code that asks at a good place of a loop gets there the same on every replay.
     */
    boolean continueAsNewSuggested();

    /** @return how many events the history has that this activation began with, 1 at the least; it grows with each activation */
    int historyEvents();

    /** @return how many bytes these events have */
    long historyBytes();

    /** @return an id that is the same on every replay */
    UUID randomId();

    /**
     * Does something once and records its result.
     *
     * @throws Exception the operation's own exception; then nothing is recorded
     */
    JsonNode run(String name, Operation operation) throws Exception;

    /** Sets a key of the workflow's state, which queries can see. */
    void setState(String key, JsonNode value);

    /** Removes a key of the workflow's state. */
    void clearState(String key);

    /** @return the value that the workflow last set at this point of its run */
    Optional<JsonNode> getState(String key);

    /** Schedules a task. */
    Pending<JsonNode> scheduleTask(String kind, JsonNode input, TaskOptions options);

    /** Schedules a task on the workflow's queue with the server's limits. */
    default Pending<JsonNode> scheduleTask(String kind, JsonNode input) {
        return scheduleTask(kind, input, TaskOptions.DEFAULT);
    }

    /** Starts a timer. It runs even if nobody awaits it. Whole milliseconds. */
    Pending<Void> sleep(Duration duration);

    /** Makes a promise that someone outside resolves or rejects. */
    Pending<JsonNode> promise(String name, PromiseOptions options);

    /** Makes a promise that someone outside resolves or rejects. It has no timeout. */
    default Pending<JsonNode> promise(String name) {
        return promise(name, PromiseOptions.DEFAULT);
    }

    /** Takes the next signal of that name that was not taken yet. */
    Pending<JsonNode> waitForSignal(String name);

    /** Starts a child workflow on this workflow's queue. */
    Pending<JsonNode> childWorkflow(String name, String kind, JsonNode input);

    /** Starts a child workflow on a queue. */
    Pending<JsonNode> childWorkflow(String name, String kind, JsonNode input, String queue);
}

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

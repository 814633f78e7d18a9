package io.millrace.dispatcher.engine.state;

import static io.millrace.dispatcher.engine.event.Status.CANCELLED;
import static io.millrace.dispatcher.engine.event.Status.COMPLETED;
import static io.millrace.dispatcher.engine.event.Status.CONTINUED_AS_NEW;
import static io.millrace.dispatcher.engine.event.Status.FAILED;
import static io.millrace.dispatcher.engine.event.Status.PENDING;
import static io.millrace.dispatcher.engine.event.Status.RUNNING;
import static io.millrace.dispatcher.engine.event.Status.WAITING;

import io.millrace.dispatcher.engine.event.Status;

/** The state machines that appliers go by. A new run of a workflow has a copied history, so its things end without having begun. */
public final class StateMachines {

    /** What a promise of a workflow goes through. */
    public enum PromiseState {
        OPEN,
        SETTLED
    }

    /** What a child goes through, as its parent knows it. */
    public enum ChildState {
        OPEN,
        CLOSED
    }

    /** Workflow executions. */
    public static final Transitions<Status> WORKFLOW = Transitions.of("workflow", Status.class)
            .begin("WORKFLOW_STARTED", PENDING)
            .on("WORKFLOW_READY", PENDING, PENDING, WAITING)
            .on("WORK_CLAIMED", RUNNING, PENDING)
            .on("CLAIM_RELEASED", PENDING, RUNNING)
            .on("LEASE_EXPIRED", PENDING, RUNNING)
            .on("SUBMISSION_DISCARDED", PENDING, RUNNING)
            .on("WORKFLOW_SUSPENDED", WAITING, PENDING, WAITING, RUNNING)
            .on("WORKFLOW_COMPLETED", COMPLETED, RUNNING)
            .on("WORKFLOW_EXECUTION_FAILED", FAILED, PENDING, RUNNING, WAITING)
            .on("WORKFLOW_CANCELLED", CANCELLED, PENDING, RUNNING, WAITING)
            .on("WORKFLOW_CONTINUED_AS_NEW", CONTINUED_AS_NEW, PENDING, RUNNING, WAITING)
            .done();

    /** Tasks, of workflows and without one. */
    public static final Transitions<Status> TASK = Transitions.of("task", Status.class)
            .begin("TASK_SUBMITTED", PENDING)
            .begin("TASK_SCHEDULED", PENDING)
            .on("TASK_READY", PENDING, PENDING)
            .on("TASK_CLAIMED", RUNNING, PENDING)
            .on("TASK_CLAIM_RELEASED", PENDING, RUNNING)
            .on("TASK_ATTEMPT_FAILED", PENDING, RUNNING)
            .on("TASK_RETRIED", PENDING, PENDING, FAILED, CANCELLED)
            .on("TASK_COMPLETED", COMPLETED, PENDING, RUNNING)
            .on("TASK_FAILED", FAILED, PENDING, RUNNING)
            .on("TASK_CANCELLED", CANCELLED, PENDING, RUNNING)
            .done();

    /** Promises of workflows. */
    public static final Transitions<PromiseState> PROMISE = Transitions.of("promise", PromiseState.class)
            .begin("PROMISE_CREATED", PromiseState.OPEN)
            .on("PROMISE_RESOLVED", PromiseState.SETTLED, PromiseState.OPEN)
            .on("PROMISE_REJECTED", PromiseState.SETTLED, PromiseState.OPEN)
            .on("PROMISE_TIMEOUT", PromiseState.SETTLED, PromiseState.OPEN)
            .done();

    /** Children of workflows. */
    public static final Transitions<ChildState> CHILD = Transitions.of("child", ChildState.class)
            .begin("CHILD_WORKFLOW_INITIATED", ChildState.OPEN)
            .on("CHILD_WORKFLOW_COMPLETED", ChildState.CLOSED, ChildState.OPEN)
            .on("CHILD_WORKFLOW_FAILED", ChildState.CLOSED, ChildState.OPEN)
            .done();

    private StateMachines() {}
}

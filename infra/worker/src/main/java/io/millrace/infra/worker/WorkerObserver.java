package io.millrace.infra.worker;

import io.grpc.Status;

/**
 * Told what a worker does, at the moment it does it. Methods may be called on any of the worker's threads, several at
 * once, and must not block. Times are those of {@link System#nanoTime}.
 */
public interface WorkerObserver {

    /** Ignores all calls. */
    WorkerObserver NONE = new WorkerObserver() {};

    /** A notification has come. */
    default void notified(long atNanos) {}

    /** A poll has brought a workflow. */
    default void workflowHeld(String executionId, String kind, long atNanos) {}

    /** The server has accepted what an activation submitted. */
    default void workflowSubmitted(String executionId, boolean ended, long atNanos) {}

    /** A poll has brought a task. */
    default void taskHeld(String taskId, String kind, int attempt, long atNanos) {}

    /** The end of an attempt is about to be reported. */
    default void taskEnds(String taskId, boolean completed, long atNanos) {}

    /** A call to the server has failed, but for subscriptions, which are made again. The worker goes on. */
    default void callFailed(Status status) {}
}

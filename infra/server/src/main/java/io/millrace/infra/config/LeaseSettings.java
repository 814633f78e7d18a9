package io.millrace.infra.config;

import io.millrace.proto.v1.Binding;
import java.time.Duration;

/**
 * How work is lent to workers.
 *
 * @param workflow how long a worker may hold a workflow
 * @param task how long a worker may hold a task that gives no sign of life
 * @param taskLongest how long a task is kept for a worker that is connected and sends no heartbeats
 * @param maxDeliveries the work fails after it was handed out so many times
 * @param workerSilence a worker that sent heartbeats loses its work after so long without a sign of life
 * @param workerReturn a worker whose connection ended loses its work if it does not come back within this time
 * @param workerForget a worker's registration is removed after so long without a sign of life
 * @param bulkJob a node that carries out a bulk job loses it after so long without a word
 * @param binding by what those who hold work are told from others
 * @param pollHold longest time that a poll waits for work
 */
public record LeaseSettings(
        Duration workflow,
        Duration task,
        Duration taskLongest,
        int maxDeliveries,
        Duration workerSilence,
        Duration workerReturn,
        Duration workerForget,
        Duration bulkJob,
        Binding binding,
        Duration pollHold) {}

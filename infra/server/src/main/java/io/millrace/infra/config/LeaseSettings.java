package io.millrace.infra.config;

import java.time.Duration;

/**
 * How work is lent to workers.
 *
 * @param workflow how long a worker may hold a workflow
 * @param task how long a worker may hold a task that gives no sign of life
 * @param taskLongest how long a task is kept for a worker that is connected and sends no heartbeats
 * @param maxDeliveries times that work is handed out before it fails
 * @param workerSilence time without a sign of life after which a worker that sent heartbeats loses its work
 * @param workerReturn time within which a worker whose connection ended must come back, or it loses its work
 * @param workerForget time without a sign of life after which the registration of a worker is removed
 * @param pollHold how long a poll waits for work, at the most
 */
public record LeaseSettings(
        Duration workflow,
        Duration task,
        Duration taskLongest,
        int maxDeliveries,
        Duration workerSilence,
        Duration workerReturn,
        Duration workerForget,
        Duration pollHold) {}

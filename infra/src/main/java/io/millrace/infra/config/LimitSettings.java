package io.millrace.infra.config;

import java.time.Duration;

/**
 * How much a request and a workflow may hold.
 *
 * @param payloadBytes largest JSON payload
 * @param submissionBytes largest set of workflow commands
 * @param historyBytes largest history
 * @param signals signals of one workflow
 * @param closedRetention how long ended workflows stay in the dispatcher's stores
 */
public record LimitSettings(
        int payloadBytes, int submissionBytes, int historyBytes, int signals, Duration closedRetention) {}

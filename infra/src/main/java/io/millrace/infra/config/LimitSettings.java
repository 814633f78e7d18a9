package io.millrace.infra.config;

import io.millrace.ingest.limits.LoadSettings;
import java.time.Duration;

/**
 * How much a request and a workflow may hold.
 *
 * @param payloadBytes largest JSON payload
 * @param submissionBytes largest set of workflow commands
 * @param historyBytes largest history
 * @param signals signals of one workflow
 * @param closedRetention how long ended workflows stay in the dispatcher's stores
 * @param load what may be under way at a time
 */
public record LimitSettings(
        int payloadBytes, int submissionBytes, int historyBytes, int signals, Duration closedRetention, LoadSettings load) {}

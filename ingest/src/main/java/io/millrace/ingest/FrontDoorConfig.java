package io.millrace.ingest;

import io.millrace.ingest.config.Access;
import io.millrace.ingest.http.HttpSettings;
import io.millrace.ingest.operations.StampedSettings;
import io.millrace.ingest.validation.Limits;
import java.time.Duration;

/**
 * Settings of the front door.
 *
 * @param access organisations and keys
 * @param limits what a request may hold
 * @param stamped settings that are written into commands for the engine
 * @param http where the HTTP API listens
 * @param taskLease how long a worker may hold a task that gives no sign of life
 * @param workerSilence time without a sign of life after which a worker that sent heartbeats counts as gone
 * @param bulkLease how long a process that carries out a bulk job may be silent before another takes it over
 * @param delivery how long after it was sent a command of which no answer came may still come to stand on the log
 * @param audit what is done for the audit
 */
public record FrontDoorConfig(
        Access access,
        Limits limits,
        StampedSettings stamped,
        HttpSettings http,
        Duration taskLease,
        Duration workerSilence,
        Duration bulkLease,
        Duration delivery,
        AuditSettings audit) {}

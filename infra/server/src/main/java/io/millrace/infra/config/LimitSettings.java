package io.millrace.infra.config;

import io.millrace.ingest.limits.LoadSettings;
import io.millrace.proto.directory.RegistrationLimits;
import java.time.Duration;

/**
 * How much a request and a workflow may hold.
 *
 * @param payloadBytes largest JSON payload
 * @param submissionBytes largest set of workflow commands
 * @param historyBytes largest history
 * @param continueAsNewEvents length of a history from which on its worker is advised to let the workflow continue as new
 * @param signals most signals of one workflow
 * @param closedRetention how long ended workflows stay in the dispatcher's stores
 * @param registrationBytes largest registration of a worker
 * @param registrations how many registrations one organisation may have, and how large they may be together
 * @param refusals how many refused requests of one key are recorded one by one in a minute
 * @param load how much may be under way at a time
 */
public record LimitSettings(
        int payloadBytes,
        int submissionBytes,
        int historyBytes,
        int continueAsNewEvents,
        int signals,
        Duration closedRetention,
        int registrationBytes,
        RegistrationLimits registrations,
        int refusals,
        LoadSettings load) {

    /** @return the same, but what has ended is kept so long */
    public LimitSettings withClosedRetention(Duration retention) {
        return new LimitSettings(
                payloadBytes,
                submissionBytes,
                historyBytes,
                continueAsNewEvents,
                signals,
                retention,
                registrationBytes,
                registrations,
                refusals,
                load);
    }
}

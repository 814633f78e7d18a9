package io.millrace.notifier.config;

/**
 * What the notifier has done since it was made, and what waits in it now.
 *
 * @param wakeUpsSent events sent to subscribers
 * @param escalations times that more subscribers were woken because the first ones did not come
 * @param claimCommands commands that carried claims
 * @param claimsSent claims within them
 * @param claimsRidden claims that rode on commands which might bring their work
 * @param emptyClaims claims that found no work
 * @param failedClaimCommands claim commands that were not written, refused or not answered
 * @param silences times that a partition's answers to claims were long overdue
 * @param claimsReturned claims given back because their poll had gone
 * @param pollsServed polls answered with work
 * @param pollsEmpty polls answered empty
 * @param parkedPolls polls open now
 * @param subscriptions subscriptions open now
 * @param queues queues with ready work or somebody waiting now, workflow and task work apart
 */
public record NotifierStats(
        long wakeUpsSent,
        long escalations,
        long claimCommands,
        long claimsSent,
        long claimsRidden,
        long emptyClaims,
        long failedClaimCommands,
        long silences,
        long claimsReturned,
        long pollsServed,
        long pollsEmpty,
        long parkedPolls,
        long subscriptions,
        int queues) {}

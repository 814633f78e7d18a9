package io.millrace.notifier.config;

import java.util.concurrent.atomic.LongAdder;

/** What the notifier counts. Safe from any thread. */
public final class Counters {

    /** Events sent to subscribers. */
    public final LongAdder wakeUpsSent = new LongAdder();
    /** Times that more were woken because the first ones did not come. */
    public final LongAdder escalations = new LongAdder();
    /** Commands that carried claims. */
    public final LongAdder claimCommands = new LongAdder();
    /** Claims within them. */
    public final LongAdder claimsSent = new LongAdder();
    /** Claims that rode on commands which might bring their work. */
    public final LongAdder claimsRidden = new LongAdder();
    /** Claims that found no work. */
    public final LongAdder emptyClaims = new LongAdder();
    /** Claim commands that were not written, refused or not answered. */
    public final LongAdder failedClaimCommands = new LongAdder();
    /** Times that a partition's answers to claims were long overdue. */
    public final LongAdder silences = new LongAdder();
    /** Claims given back because their poll had gone. */
    public final LongAdder claimsReturned = new LongAdder();
    /** Polls answered with work. */
    public final LongAdder pollsServed = new LongAdder();
    /** Polls answered empty. */
    public final LongAdder pollsEmpty = new LongAdder();
    /** Polls open now. */
    public final LongAdder parkedPolls = new LongAdder();
    /** Subscriptions open now. */
    public final LongAdder subscriptions = new LongAdder();

    /** @return all of them as they stand, with the number of queues that somebody waits for or that have work */
    public NotifierStats snapshot(int queues) {
        return new NotifierStats(
                wakeUpsSent.sum(),
                escalations.sum(),
                claimCommands.sum(),
                claimsSent.sum(),
                claimsRidden.sum(),
                emptyClaims.sum(),
                failedClaimCommands.sum(),
                silences.sum(),
                claimsReturned.sum(),
                pollsServed.sum(),
                pollsEmpty.sum(),
                parkedPolls.sum(),
                subscriptions.sum(),
                queues);
    }
}

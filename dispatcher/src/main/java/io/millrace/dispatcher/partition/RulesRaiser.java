package io.millrace.dispatcher.partition;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.state.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the rules of a partition to the newest that this node knows, by a command in its log. It waits until every
 * node that has partitions knows them. A node that does not know them might take this partition over, and could not go
 * on.
 */
final class RulesRaiser {

    private static final Logger LOG = LoggerFactory.getLogger(RulesRaiser.class);
    /** After so long the command must have come through the log, or else it is lost. */
    private static final long LOST_NANOS = 10_000_000_000L;

    private final int partition;
    private final State state;
    private final TenureLog log;
    private final TenureContext context;
    /** As the stream thread found them last; nothing is to be raised before it did. */
    private volatile int inForce = Rules.VERSION;

    private boolean written;
    private long writtenNanos;

    RulesRaiser(int partition, State state, TenureLog log, TenureContext context) {
        this.partition = partition;
        this.state = state;
        this.log = log;
        this.context = context;
    }

    /** Writes the command if it is time to; to be called after commands, while this node owns the partition. Stream thread. */
    void look() {
        inForce = state.rules();
        lookAgain();
    }

    /** The same where no command comes: an idle partition is to change its rules with the others. Any thread. */
    void lookAgain() {
        if (inForce < Rules.VERSION) {
            raiseIfTime();
        }
    }

    private synchronized void raiseIfTime() {
        long now = context.nanoTime().getAsLong();
        if (written && now - writtenNanos < LOST_NANOS
                || !context.newestRulesKnown().getAsBoolean()) {
            return;
        }
        written = true;
        writtenNanos = now;
        LOG.info(
                "raises the rules of partition {} from version {} to {}, which all nodes know",
                partition,
                inForce,
                Rules.VERSION);
        log.raiseRules(Rules.VERSION, failure -> {
            if (failure != null) {
                LOG.warn(
                        "could not write that the rules of partition {} are raised, will try again",
                        partition,
                        failure);
            }
        });
    }
}

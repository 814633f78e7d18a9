package io.millrace.dispatcher.engine;

import io.millrace.dispatcher.engine.command.Rules;
import io.millrace.dispatcher.engine.decide.Decision;
import io.millrace.dispatcher.engine.handle.DueHandler;
import io.millrace.dispatcher.engine.state.Due;
import io.millrace.dispatcher.engine.state.DueItem;
import io.millrace.dispatcher.engine.state.PartitionState;
import io.millrace.dispatcher.engine.store.StorageException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What one command lets happen of all that is due, soonest first. Each thing is a part of the command. One thread. */
final class DueRun {

    private final PartitionState state;
    private final CommandRun run;
    private final long unservedUntilMs;
    private Optional<UUID> organisation = Optional.empty();
    private int fired;

    /** @param unservedUntilMs as the command says it */
    DueRun(PartitionState state, CommandRun run, long unservedUntilMs) {
        this.state = state;
        this.run = run;
        this.unservedUntilMs = unservedUntilMs;
    }

    /** Lets so many things happen at the most. */
    void fire(int limit) {
        if (state.rules() < Rules.DUE_OF_ONE_ORGANISATION) {
            fireOfAll(limit);
        } else {
            fireOfOne(limit);
        }
    }

    private void fireOfAll(int limit) {
        while (fired < limit) {
            Due due = state.dues().first();
            if (due == null || due.atMs() > state.timeMs()) {
                break;
            }
            List<byte[]> seenTo = state.bucket(due, limit - fired);
            try {
                Decision decision = decide(due, seenTo);
                if (fired > 0 && !run.fits(decision)) {
                    break; // it stays due, and comes with the next command
                }
                run.apply(decision);
            } catch (StorageException | HalfAppliedException e) {
                throw e; // it stays due
            } catch (RuntimeException e) {
                state.dropped(due); // or it would come first again, for ever, and nothing behind it would happen
                throw e;
            }
            run.settle(due, seenTo);
            fired += Math.max(1, seenTo.size());
        }
    }

    /**
     * Lets happen what is due of one organisation: that of the thing that is due soonest. An outcome is proved with all
     * that is in it, and an organisation must not see what is another's. The rest stays due, and comes with the next
     * command. Each thing in a bucket is a part: one that fails must not keep the others from leaving.
     */
    private void fireOfOne(int limit) {
        while (fired < limit && fireAll(state.dueItems(limit), limit)) {
            // what happened may have made more come due, of the same organisation
        }
    }

    /** @return whether to look again what is due */
    private boolean fireAll(List<DueItem> items, int limit) {
        int before = fired;
        for (DueItem item : items) {
            if (item.nothingLeft()) {
                run.settle(item.due(), List.of());
            } else if (fired < limit && state.stillDue(item) && !fire(item)) {
                return false;
            }
        }
        return fired > before;
    }

    /** @return false if it has no place in this command, nor has what comes after it */
    private boolean fire(DueItem item) {
        boolean first = fired == 0;
        try {
            Optional<UUID> own = state.organisation(item);
            if (!first && !own.equals(organisation)) {
                return true;
            }
            organisation = own;
            Decision decision = decide(item.due(), item.keys());
            if (!first && !run.fits(decision)) {
                return false; // it stays due, and comes with the next command
            }
            run.apply(decision);
        } catch (StorageException | HalfAppliedException e) {
            throw e; // it stays due
        } catch (RuntimeException e) {
            if (!first) {
                return false; // it comes first in a later command, and is refused there alone
            }
            // Or it would come first again, for ever, and nothing behind it would happen.
            run.settle(item.due(), item.keys());
            throw e;
        }
        run.settle(item.due(), item.keys());
        fired++;
        return true;
    }

    private Decision decide(Due due, List<byte[]> keys) {
        return DueHandler.fire(run.draft("due-" + fired), due, keys, unservedUntilMs);
    }
}

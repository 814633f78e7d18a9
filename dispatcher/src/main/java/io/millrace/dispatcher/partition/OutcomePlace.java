package io.millrace.dispatcher.partition;

import io.millrace.proto.proof.OutcomeHashes;
import io.millrace.proto.v1.OutcomeRecord;
import java.util.Arrays;

/**
 * A place in the chain of a partition's outcomes. By it an outcome is told from whatever else stands on the events
 * topic: it is of the next command, and continues the running hash. Who computes the hash can make one that does, so
 * what comes of the command decides in the end.
 *
 * @param commandOffset offset of the command, −1 before the first
 * @param hash running hash up to its outcome; not to be changed
 */
public record OutcomePlace(long commandOffset, byte[] hash) {

    /** @return the place at which the outcome stands */
    public static OutcomePlace of(OutcomeRecord outcome) {
        return new OutcomePlace(
                outcome.getCommandOffset(), outcome.getPartitionHash().toByteArray());
    }

    /** @return whether the outcome is the one that stands at this place */
    public boolean isOf(OutcomeRecord outcome) {
        return outcome.getCommandOffset() == commandOffset
                && Arrays.equals(outcome.getPartitionHash().toByteArray(), hash);
    }

    /** @return whether the outcome is of the next command, and its hash continues this one; false where its rules are not known */
    public boolean isContinuedBy(OutcomeRecord outcome) {
        if (outcome.getCommandOffset() != commandOffset + 1) {
            return false;
        }
        try {
            return Arrays.equals(
                    outcome.getPartitionHash().toByteArray(), new OutcomeHashes().partition(hash, outcome));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** @return whether both are the same place */
    public boolean isSame(OutcomePlace other) {
        return commandOffset == other.commandOffset && Arrays.equals(hash, other.hash);
    }
}

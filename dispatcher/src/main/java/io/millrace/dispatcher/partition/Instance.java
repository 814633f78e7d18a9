package io.millrace.dispatcher.partition;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells the processes of one node name apart, of which there is one, unless somebody made a mistake. It belongs to the data
 * folder, which one process at a time can use. So whatever this instance began before is over. It stands in the ids of its tenures,
 * as their last eight bytes.
 *
 * @param number chosen at random when the folder was made
 */
public record Instance(long number) {

    /** @return id of a new tenure, which no other has */
    UUID newTenure() {
        return new UUID(UUID.randomUUID().getMostSignificantBits(), number);
    }

    /** @return whether the tenure is of this instance */
    boolean chose(@Nullable UUID tenureId) {
        return tenureId != null && tenureId.getLeastSignificantBits() == number;
    }
}

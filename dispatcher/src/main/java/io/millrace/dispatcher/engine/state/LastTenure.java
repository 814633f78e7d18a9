package io.millrace.dispatcher.engine.state;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who may still answer reads of a partition, as its log tells: the tenure that began last, and those before it back to the last that
 * ended in order. Whoever ends in order owned the partition, so it had waited for all before it.
 *
 * @param id the last tenure, null where none began or it ended in order. Its last eight bytes are those of the node's data folder
 * @param node whose it is, empty for none
 * @param readLeaseMs the longest time that any of them may answer reads without asking the group, milliseconds; 0: the usual time
 * @param afterOthers whether one of them is of another data folder than the last
 */
public record LastTenure(@Nullable UUID id, String node, int readLeaseMs, boolean afterOthers) {

    /** Nobody. */
    public static final LastTenure NONE = new LastTenure(null, "", 0, false);

    /** @return how it stands once another tenure has begun */
    public LastTenure followedBy(UUID nextId, String nextNode, int nextReadLeaseMs) {
        if (id == null) {
            return new LastTenure(nextId, nextNode, nextReadLeaseMs, false);
        }
        boolean same = node.equals(nextNode) && id.getLeastSignificantBits() == nextId.getLeastSignificantBits();
        return new LastTenure(nextId, nextNode, Math.max(readLeaseMs, nextReadLeaseMs), afterOthers || !same);
    }
}

package io.millrace.proto.directory;

import io.millrace.proto.v1.DispatcherNode;
import io.millrace.proto.v1.PartitionTenure.Stage;

/**
 * The latest tenure of a partition that is known, also if it is over.
 *
 * @param node the node whose tenure it is
 * @param stage how far the tenure is; the partition is served in {@link Stage#OWNING} alone
 * @param begunAt offset in the partition's log at which the tenure began; {@link Tenures#NOT_BEGUN} for a node that
 *     tells no tenures
 */
public record PartitionHolder(DispatcherNode node, Stage stage, long begunAt) {

    /** @return whether the node serves the partition */
    public boolean owns() {
        return stage == Stage.OWNING;
    }
}
